/* A page in a file. */
#include "publishing/report_page.h"

#include "report/report_html.h"

static void write_to_output(void *out, const void *bytes, size_t len)
{
    output_write(out, bytes, len);
}

int report_page_write(const struct result *result, const char *title, const char *path,
                      const struct output_options *placing, struct lcap_error *error)
{
    struct output *out = NULL;
    int rc = output_open(&out, path, placing, error);
    if (rc == LCAP_OK)
        rc = report_html(result, title, &(struct report_sink){write_to_output, out}, error);
    if (rc == LCAP_OK)
        return output_close(out, error);
    output_discard(out);
    return rc;
}
