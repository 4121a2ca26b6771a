/* A page in a file. */
#include "publishing/report_page.h"

#include "base/buffer.h"
#include "report/report_file.h"
#include <string.h>

int report_page_write(const struct result *result, const char *title, const char *path,
                      const struct output_options *placing, struct lcap_error *error)
{
    struct output *out = NULL;
    const int rc = output_open(&out, path, placing, error);
    return rc == LCAP_OK ? report_file_page(result, title, out, error) : rc;
}

/* The last name of a path: folders would tell more than the page should. */
static int put_base_name(const char *path, struct buffer *name, struct lcap_error *error)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    size_t from = len;
    while (from > 0 && path[from - 1] != '/')
        from--;
    int rc = buffer_append(name, path + from, len - from, error);
    return rc ? rc : buffer_append(name, "", 1, error);
}

int report_page_of_dataset(const struct result *result, const char *dataset, const char *path,
                           const struct output_options *placing, struct lcap_error *error)
{
    struct buffer name = {0};
    int rc = put_base_name(dataset, &name, error);
    if (rc == LCAP_OK)
        rc = report_page_write(result, (const char *)name.data, path, placing, error);
    buffer_release(&name);
    return rc;
}
