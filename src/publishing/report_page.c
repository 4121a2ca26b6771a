/* A page in a file. */
#include "publishing/report_page.h"

#include "report/report_file.h"

int report_page_write(const struct result *result, const char *title, const char *path,
                      const struct output_options *placing, struct lcap_error *error)
{
    struct output *out = NULL;
    const int rc = output_open(&out, path, placing, error);
    return rc == LCAP_OK ? report_file_page(result, title, out, error) : rc;
}
