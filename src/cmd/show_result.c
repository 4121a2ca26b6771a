/* Results of commands on standard output, standard error and in files. */
#include "cmd/show_result.h"

#include "base/io/file.h"
#include "base/io/terminal.h"
#include "cmd/progress.h"
#include "cmd/talk.h"
#include "commandline/command.h"
#include "report/report_file.h"
#include "report/report_json.h"
#include "report/report_text.h"
#include <string.h>
#include <unistd.h>

/* Of --json and --stats-json FILE, until the result is in it. */
static struct output *json_place;

static void write_to_stream(void *stream, const void *bytes, size_t len)
{
    fwrite(bytes, 1, len, stream);
}

int show_text(const struct result *result, FILE *stream, struct lcap_error *error)
{
    const struct report_sink sink = {write_to_stream, stream};
    progress_end();
    return report_text(result, terminal_columns(fileno(stream)), &sink, error);
}

static int show_json(const struct result *result, FILE *stream, struct lcap_error *error)
{
    const struct report_sink sink = {write_to_stream, stream};
    progress_end();
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

int show_check_shard(struct shard shard, const char *path, struct lcap_error *error)
{
    if (shard.count == 0 || !path)
        return LCAP_OK;
    lcap_error_set(error, LCAP_ERR_ARGUMENT,
                   "--shard cannot be used with %s: the whole result is that of 'labelcap merge'",
                   show_json_place(path).what);
    return COMMAND_USAGE;
}

int show_open_json(const char *path, const char *output, const char *const *inputs, size_t count,
                   const struct output_options *placing, struct lcap_error *error)
{
    const struct output_place places[] = {{"the output", output}, show_json_place(path)};
    if (!path)
        return LCAP_OK;
    if (output_place_check_pair(&places[0], &places[1], error) < 0)
        return COMMAND_USAGE;
    const struct output_options own = {.overwrite = placing->overwrite,
                                       .no_sync = placing->no_sync}; /* --level is not for it */
    const int rc = file_check_not_input(path, inputs, count, error);
    return rc == LCAP_OK ? output_open(&json_place, path, &own, error) : rc;
}

int show_json_and_release(struct result *result, struct lcap_error *error)
{
    struct output *place = json_place;
    json_place = NULL;
    progress_end();
    const int rc = report_file_json(result, place, error);
    result_release(result);
    return rc;
}

int show_and_release(struct result *result, struct lcap_error *error)
{
    talk_result(result);
    return show_json_and_release(result, error);
}

void show_discard_json(void)
{
    output_discard(json_place);
    json_place = NULL;
}
