/* labelcap strip: removes the labels and keeps everything else. */
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/strip_pass.h"
#include <string.h>

struct strip_args {
    const char *output;
    int format; /* index into format_choices */
    int pcapml_times;
    bool force, quiet;
};

#define ARGS struct strip_args

enum { FORMAT_BY_NAME, FORMAT_PCAP, FORMAT_PCAPNG };
static const char *const format_choices[] = {"by-name", "pcap", "pcapng", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT("plain capture; .gz and .zst compress; - is standard output"),
    {0, "format", "FORMAT", ARG_CHOICE(format, format_choices),
     "pcap, pcapng, or by-name: pcap where FILE ends in .pcap (by-name)"},
    ROW_PCAPML_TIMES,
    ROW_FORCE,
    ROW_QUIET,
    ROW_SYNONYM('W', "write", "output"),
    {0},
};

static const struct option_relation relations[] = {{NULL, NEEDS, "output", NULL}, {0}};

static bool ends_with(const char *text, size_t len, const char *ending)
{
    size_t ending_len = strlen(ending);
    return len >= ending_len && memcmp(text + len - ending_len, ending, ending_len) == 0;
}

static enum lcap_format format_of(const struct strip_args *args)
{
    if (args->format != FORMAT_BY_NAME)
        return args->format == FORMAT_PCAP ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
    size_t len = strlen(args->output);
    if (ends_with(args->output, len, ".gz"))
        len -= strlen(".gz");
    else if (ends_with(args->output, len, ".zst"))
        len -= strlen(".zst");
    return ends_with(args->output, len, ".pcap") ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
}

static void report(const struct strip_pass_result *result)
{
    char labels[COUNTED_TEXT], packets[COUNTED_TEXT];
    talk_losses(&result->losses);
    talk_note("%s taken off %s", text_counted(result->labels, "label", labels),
              text_counted(result->packets, "packet", packets));
}

static int tell_way_out(int rc, struct lcap_error *error)
{
    const struct lcap_error told = *error;
    lcap_error_clear(error);
    return lcap_error_set(error, rc,
                          "%s: use --format pcapng, or a file as the input, which is looked "
                          "through first",
                          told.text);
}

static int run_strip(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    (void)count;
    const struct strip_args *args = given;
    if (args->quiet)
        talk_be_quiet();
    const struct strip_pass_options options = {
        .format = format_of(args),
        .overwrite = args->force,
        .input = inputs_options(args->pcapml_times),
    };
    struct strip_pass_result result;
    int rc = strip_pass_run(operands[0], args->output, &options, &result, error);
    if (rc == 0)
        report(&result);
    else if (result.fine_times_came_late)
        rc = tell_way_out(rc, error);
    return inputs_status(rc, &result.inputs);
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
