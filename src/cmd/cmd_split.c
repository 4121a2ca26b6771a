/* labelcap split: writes one capture file for each sample. */
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/split_pass.h"
#include <string.h>

struct split_args {
    const char *directory;
    const char *tmpdir;
    uint64_t memory;
    int format; /* index into format_choices */
    int pcapml_times;
    bool force, quiet;
};

#define ARGS struct split_args

/* Little, because the samples themselves are remembered, too: 64 MiB is the aim for all of it. */
#define SPLIT_MEMORY ((uint64_t)32 << 20)

static const char *const format_choices[] = {"pcap", "pcapng", NULL};

static const struct option_row rows[] = {
    {'o', "output", "DIR", ARG_TEXT(directory),
     "new directory for the sample files and metadata.csv"},
    {0, "format", "FORMAT", ARG_CHOICE(format, format_choices),
     "of the sample files: pcap or pcapng (pcap)"},
    {0, "memory", "SIZE", ARG_SIZE(memory), "memory for bringing samples together (32M)"},
    {0, "tmpdir", "DIR", ARG_TEXT(tmpdir), "where temporary files go (beside DIR)"},
    ROW_PCAPML_TIMES,
    {'f', "force", NULL, ARG_FLAG(force), "replace the files that DIR's metadata.csv lists"},
    ROW_QUIET,
    ROW_SYNONYM('O', "output-dir", "output"),
    {0},
};

static const struct option_relation relations[] = {{NULL, NEEDS, "output", NULL}, {0}};

static const struct split_args defaults = {.memory = SPLIT_MEMORY};

static void report(const struct split_args *args, const struct split_pass_result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT], files[COUNTED_TEXT], blocks[COUNTED_TEXT];
    talk_losses(&result->losses);
    if (result->two_labels)
        talk_warning("%s named by another label than the first of their sample",
                     text_counted(result->two_labels, "packet", packets));
    if (result->unlabelled)
        talk_warning("%s without a label left out",
                     text_counted(result->unlabelled, "packet", packets));
    if (result->blocks)
        talk_note("%s that belong to no sample left out",
                  text_counted(result->blocks, "block", blocks));
    talk_note("%s of %s in %s below %s", text_counted(result->packets, "packet", packets),
              text_counted(result->samples, "sample", samples),
              text_counted(result->files, "file", files), args->directory);
}

static int run_split(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    (void)count;
    const struct split_args *args = given;
    if (args->quiet)
        talk_be_quiet();
    const struct split_pass_options options = {
        .format = args->format == 0 ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG,
        .overwrite = args->force,
        .sorter = {args->memory, args->tmpdir},
        .input = inputs_options(args->pcapml_times),
    };
    struct split_pass_result result;
    int rc = split_pass_run(operands[0], args->directory, &options, &result, error);
    if (rc == 0)
        report(args, &result);
    return inputs_status(rc, &result.inputs);
}

const struct command cmd_split = {
    .name = "split",
    .summary = "write one capture file for each sample, and metadata.csv",
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
