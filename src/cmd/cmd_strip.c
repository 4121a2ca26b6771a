/* labelcap strip: removes the labels and keeps everything else. */
#include "capture/capture_name.h"
#include "cmd/inputs.h"
#include "cmd/outputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/pass_results.h"

struct strip_args {
    const char *output;
    const char *stats_json;
    int format;       /* index into format_choices */
    uint64_t snaplen; /* 0: packets are not cut */
    struct reading_args reading;
    struct output_options placing;
};

#define ARGS struct strip_args

enum { FORMAT_BY_NAME, FORMAT_PCAP, FORMAT_PCAPNG };
static const char *const format_choices[] = {"by-name", "pcap", "pcapng", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT("plain capture; .gz and .zst compress; - is standard output"),
    {0, "format", "FORMAT", ARG_CHOICE(format, format_choices),
     "pcap, pcapng, or by-name: pcap if FILE ends in .pcap (by-name)"},
    ROW_SNAPLEN,
    ROWS_READING,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    ROWS_JSON,
    ROW_QUIET,
    ROW_SYNONYM('W', "write", "output"),
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL}, RELATION_JSON, {0}};

static enum lcap_format format_of(const struct strip_args *args)
{
    if (args->format != FORMAT_BY_NAME)
        return args->format == FORMAT_PCAP ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
    return capture_name_format(args->output);
}

static int report(const struct strip_pass_result *done, struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    strip_describe(done, &result);
    return show_and_release(&result, error);
}

static int tell_way_out(int rc, struct lcap_error *error)
{
    const struct lcap_error told = *error;
    lcap_error_clear(error);
    return lcap_error_set(error, rc, "%s: use --format pcapng, or a regular file as the input",
                          told.text);
}

static int run_strip(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct strip_args *args = given;
    const struct strip_pass_options options = {
        .format = format_of(args),
        .placing = args->placing,
        .snaplen = (uint32_t)args->snaplen,
        .input = inputs_options(&args->reading),
    };
    struct strip_pass_result done;
    int rc = outputs_check_capture(args->output, args->placing.level, (struct shard){0}, error);
    if (rc == LCAP_OK)
        rc = show_open_json(args->stats_json, args->output, operands, count, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    rc = strip_pass_run(operands[0], args->output, &options, &done, error);
    if (rc == 0)
        return inputs_status(report(&done, error), &done.inputs);
    return done.fine_times_came_late ? tell_way_out(rc, error) : rc;
}

const struct command cmd_strip = {
    .name = "strip",
    .summary = "remove the labels: plain pcap or pcapng",
    .usage = "labelcap strip -o OUTPUT [OPTION...] INPUT",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = 1,
    .example = "labelcap strip -o plain.pcap labelled.pcapng",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct strip_args),
    .run = run_strip,
};
