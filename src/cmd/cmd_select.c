/* labelcap select: writes a part of a data set. */
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/outputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/select/link_filter.h"
#include "dataset/select/select_pass.h"

struct select_args {
    const char *output, *stats_json;
    const char *ids, *splits, *list, *label, *time, *filter;
    uint64_t min_packets, max_per_label, first, snaplen;
    double dedup; /* seconds; 0: not at all */
    struct reading_args reading;
    struct output_options placing;
};

#define ARGS struct select_args

static int check_times(const char *text, struct lcap_error *error)
{
    struct time_span times;
    return time_span_read(text, &times, error);
}

static int check_filter(const char *text, struct lcap_error *error)
{
    struct link_filter filter;
    const int rc = link_filter_init(&filter, text, error);
    link_filter_release(&filter);
    return rc;
}

static const struct option_row rows[] = {
    ROW_HEADING("Samples"),
    {0, "ids", "FILE", ARG_TEXT(ids), "with the sampleIDs in FILE, one a line"},
    {0, "splits", "DIR", ARG_TEXT(splits), "with the sampleIDs of a list in DIR …"},
    {0, "list", "NAME", ARG_TEXT(list), "… DIR/NAME.csv, such as train"},
    {0, "label", "GLOB", ARG_TEXT(label), "whose metadata matches, such as 'web*'"},
    {0, "min-packets", "N", ARG_COUNT(min_packets), "of at least N packets in the data set"},
    {0, "max-per-label", "N", ARG_COUNT(max_per_label), "at most N of each label, chosen by hash"},
    ROW_HEADING("Packets"),
    {0, "time", "TIMES", ARG_CHECKED(time, check_times), "from A to B: A..B, A.. or ..B"},
    {0, "filter", "BPF", ARG_CHECKED(filter, check_filter), "that the packet filter matches"},
    {0, "dedup", "SECONDS", ARG_SECONDS_OR("0.001", dedup),
     "without those that repeat one of their sample within SECONDS (0.001)"},
    {0, "first", "N", ARG_COUNT(first), "the first N of each sample"},
    ROW_HEADING("General"),
    ROW_OUTPUT("labelled pcapng; .gz and .zst compress; - is standard output"),
    ROW_SNAPLEN,
    ROWS_READING,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    ROWS_JSON,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL},
    {"splits", NEEDS, "list", NULL},
    {"list", NEEDS, "splits", NULL},
    {NULL, NEEDS, "ids|list|label|min-packets|max-per-label|time|filter|dedup|first", NULL},
    RELATION_JSON,
    {0}};

static int report(const struct select_pass *pass, const char *dataset, const char *output,
                  struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    select_describe(pass, output, &result);
    const int rc = show_and_release(&result, error);
    if (rc < 0 || pass->selected_packets > 0)
        return rc;
    return lcap_error_set(error, LCAP_ERR_LABEL,
                          "%s: no packet is selected, so nothing is written%s", dataset,
                          pass->options->samples.label ? "; 'labelcap info' lists the labels" : "");
}

static int run_pass(const struct select_args *args, const char *dataset,
                    const struct select_pass_options *options, struct lcap_error *error)
{
    struct select_pass pass;
    int rc = select_pass_run(&pass, dataset, args->output, options, error);
    if (rc == LCAP_OK)
        rc = report(&pass, dataset, args->output, error);
    rc = inputs_status(rc, &pass.inputs);
    select_pass_release(&pass);
    return rc;
}

static int run_select(const void *given, const char *const *operands, size_t count,
                      struct lcap_error *error)
{
    const struct select_args *args = given;
    struct time_span times;
    int rc = args->time ? time_span_read(args->time, &times, error) : LCAP_OK;
    const struct select_pass_options options = {
        .samples = {args->ids, args->splits, args->list, args->label, args->min_packets,
                    args->max_per_label},
        .packets = {args->time ? &times : NULL, args->filter,
                    (uint64_t)(args->dedup * NS_PER_SECOND + 0.5), args->first},
        .placing = args->placing,
        .snaplen = (uint32_t)args->snaplen,
        .input = inputs_options(&args->reading),
    };
    if (rc == LCAP_OK)
        rc = outputs_check_capture(args->output, args->placing.level, (struct shard){0}, error);
    if (rc != LCAP_OK)
        return rc;
    outputs_note_format(args->output);
    rc = show_open_json(args->stats_json, args->output, operands, count, &options.placing, error);
    return rc != LCAP_OK ? rc : run_pass(args, operands[0], &options, error);
}

const struct command cmd_select = {
    .name = "select",
    .summary = "write a part of a data set: some samples, or some of their packets",
    .usage = "labelcap select -o OUTPUT SELECTION... [OPTION...] DATASET",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = 1,
    .details = "Several selections must all hold. With a catalogue (labelcap index), only what "
               "may be selected is read.",
    .example = "labelcap select -o web.pcapng --label 'web*' --first 100 sorted.pcapng",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct select_args),
    .run = run_select,
};
