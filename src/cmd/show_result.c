/* Results of commands on standard output, standard error and in files. */
#include "cmd/show_result.h"

#include "base/io/file.h"
#include "base/io/terminal.h"
#include "cmd/command.h"
#include "cmd/talk.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_text.h"
#include <string.h>
#include <unistd.h>

static void write_to_stream(void *stream, const void *bytes, size_t len)
{
    fwrite(bytes, 1, len, stream);
}

static void write_to_output(void *out, const void *bytes, size_t len)
{
    output_write(out, bytes, len);
}

int show_text(const struct result *result, FILE *stream, struct lcap_error *error)
{
    const struct report_sink sink = {write_to_stream, stream};
    return report_text(result, terminal_columns(fileno(stream)), &sink, error);
}

static int show_json(const struct result *result, FILE *stream, struct lcap_error *error)
{
    const struct report_sink sink = {write_to_stream, stream};
    return report_json(result, &sink, error);
}

int show_on_stdout(struct result *result, bool json, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (json)
        rc = show_json(result, stdout, error);
    else if (talk_is_quiet())
        talk_findings(result);
    else
        rc = show_text(result, stdout, error);
    result_release(result);
    return rc;
}

struct output_place show_json_place(const char *path)
{
    const char *option = path && strcmp(path, "-") == 0 ? "--json" : "--stats-json";
    return (struct output_place){option, path};
}

int show_open_json(struct output **out, const char *path, const char *output,
                   const char *const *inputs, size_t count, const struct output_options *placing,
                   struct lcap_error *error)
{
    const struct output_place places[] = {{"the output", output}, show_json_place(path)};
    *out = NULL;
    if (!path)
        return LCAP_OK;
    if (output_place_check_pair(&places[0], &places[1], error) < 0)
        return COMMAND_USAGE;
    const int rc = file_check_not_input(path, inputs, count, error);
    return rc == LCAP_OK ? output_open(out, path, placing, error) : rc;
}

static int close_written(int rc, struct output *out, struct lcap_error *error)
{
    if (rc == LCAP_OK)
        return output_close(out, error);
    output_discard(out);
    return rc;
}

int show_text_in_file(const struct result *result, struct output *out, const char *place,
                      struct lcap_error *error)
{
    const struct report_sink sink = {write_to_output, out};
    const size_t width = strcmp(place, "-") == 0 ? terminal_columns(STDOUT_FILENO) : 0;
    return close_written(report_text(result, width, &sink, error), out, error);
}

int show_page_in_file(const struct result *result, const char *title, struct output *out,
                      struct lcap_error *error)
{
    const struct report_sink sink = {write_to_output, out};
    return close_written(report_html(result, title, &sink, error), out, error);
}

int show_json_in_file(const struct result *result, struct output *out, struct lcap_error *error)
{
    const struct report_sink sink = {write_to_output, out};
    return out ? close_written(report_json(result, &sink, error), out, error) : LCAP_OK;
}

int show_and_release(struct result *result, struct output *json, struct lcap_error *error)
{
    talk_result(result);
    const int rc = show_json_in_file(result, json, error);
    result_release(result);
    return rc;
}
