/* Printers that write to outputs. */
#include "report/report_file.h"

#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_text.h"

static void write_to_output(void *out, const void *bytes, size_t len)
{
    output_write(out, bytes, len);
}

static struct report_sink sink_of(struct output *out)
{
    return (struct report_sink){write_to_output, out};
}

static int close_written(int rc, struct output *out, struct lcap_error *error)
{
    if (rc == LCAP_OK)
        return output_close(out, error);
    output_discard(out);
    return rc;
}

int report_file_text(const struct result *result, size_t width, struct output *out,
                     struct lcap_error *error)
{
    const struct report_sink sink = sink_of(out);
    return close_written(report_text(result, width, &sink, error), out, error);
}

int report_file_page(const struct result *result, const char *title, struct output *out,
                     struct lcap_error *error)
{
    const struct report_sink sink = sink_of(out);
    return close_written(report_html(result, title, &sink, error), out, error);
}

int report_file_json(const struct result *result, struct output *out, struct lcap_error *error)
{
    const struct report_sink sink = sink_of(out);
    return out ? close_written(report_json(result, &sink, error), out, error) : LCAP_OK;
}
