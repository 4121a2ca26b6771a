/* labelcap split: writes one capture file for each sample or class. */
#include "base/io/target.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/pass_results.h"

struct split_args {
    const char *directory;
    const char *stats_json;
    struct sorter_options sorter;
    int format; /* index into format_choices */
    struct reading_args reading;
    bool per_label;
    struct output_options placing;
};

#define ARGS struct split_args

/* Little, because the samples themselves are remembered, too: 64 MiB is the aim for all of it. */
#define SPLIT_MEMORY ((uint64_t)32 << 20)

static const char *const format_choices[] = {"pcap", "pcapng", NULL};

static const struct option_row rows[] = {
    {'o', "output", "DIR", ARG_CHECKED(directory, target_check_directory_name),
     "new directory for the sample files and metadata.csv"},
    {0, "format", "FORMAT", ARG_CHOICE(format, format_choices),
     "format of sample files: pcap or pcapng (pcap)"},
    {0, "per-label", NULL, ARG_FLAG(per_label), "write one file for each class (metadata)"},
    ROW_MEMORY("grouping packets by sample (32M)"),
    ROW_TMPDIR("beside the output"),
    ROWS_READING,
    {'f', "force", NULL, ARG_FLAG(placing.overwrite),
     "replace the files that DIR's metadata.csv lists"},
    ROW_NO_SYNC,
    ROW_THREADS,
    ROWS_JSON,
    ROW_QUIET,
    ROW_SYNONYM('O', "output-dir", "output"),
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL}, RELATION_JSON, {0}};

static const struct split_args defaults = {.sorter.memory = SPLIT_MEMORY};

static int report(const struct split_args *args, const struct split_pass_result *done,
                  struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    split_describe(done, args->directory, &result);
    return show_and_release(&result, error);
}

static int run_split(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct split_args *args = given;
    const struct split_pass_options options = {
        .format = args->format == 0 ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG,
        .by_class = args->per_label,
        .placing = args->placing,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    struct split_pass_result done;
    int rc =
        show_open_json(args->stats_json, args->directory, operands, count, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    rc = split_pass_run(operands[0], args->directory, &options, &done, error);
    if (rc == 0)
        rc = report(args, &done, error);
    return inputs_status(rc, &done.inputs);
}

const struct command cmd_split = {
    .name = "split",
    .summary = "write one capture file for each sample or class, and metadata.csv",
    .usage = "labelcap split -o DIR [OPTION...] INPUT",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = 1,
    .details = "Files are named <sampleID>_<metadata>.pcap. The input need not be sorted.",
    .example = "labelcap split -o samples/ labelled.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_split,
};
