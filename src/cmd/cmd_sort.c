/* labelcap sort: sorts labelled captures in bounded memory. */
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/sort_pass.h"
#include <inttypes.h>
#include <stdint.h>

struct sort_args {
    const char *output;
    const char *tmpdir;
    uint64_t memory;
    int by; /* index into by_choices */
    int pcapml_times;
    bool force, quiet;
};

#define ARGS struct sort_args

static const char *const by_choices[] = {"sample", "time", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT("sorted pcapng; .gz and .zst compress; - is standard output"),
    {0, "by", "ORDER", ARG_CHOICE(by, by_choices), "sample: sampleID, then time; or time (sample)"},
    ROW_MEMORY,
    ROW_TMPDIR,
    ROW_PCAPML_TIMES,
    ROW_FORCE,
    ROW_QUIET,
    ROW_SYNONYM('W', "write", "output"),
    {0},
};

static const struct option_relation relations[] = {{NULL, NEEDS, "output", NULL}, {0}};

static const struct sort_args defaults = {.memory = DEFAULT_MEMORY};

static void warn_of_conflicts(const struct survey *survey)
{
    for (size_t i = 0; i < survey->conflict_count; i++) {
        const struct survey_conflict *conflict = &survey->conflicts[i];
        const struct sample sample = sample_registry_get(&survey->registry, conflict->sample);
        talk_warning("sample %" PRIu64 " has two labels: '%.200s' and '%.200s'", sample.id,
                     sample.metadata, intern_get(survey->registry.texts, conflict->other, NULL));
    }
}

static void report(const struct sort_args *args, const struct sort_pass_result *result)
{
    warn_of_conflicts(&result->survey);
    inputs_tell_counts(&result->inputs);
    talk_losses(&result->losses);
    talk_linktypes(args->output, result->linktypes);
}

static int sort_all(const struct sort_args *args, const struct sources *sources,
                    struct lcap_error *error)
{
    const struct sort_pass_options options = {
        .order = args->by == 0 ? ORDER_SAMPLE : ORDER_TIME,
        .overwrite = args->force,
        .sorter = {args->memory, args->tmpdir},
        .input = inputs_options(args->pcapml_times),
    };
    struct sort_pass_result result;
    int rc = sort_pass_run(sources, args->output, &options, &result, error);
    if (rc == 0)
        report(args, &result);
    rc = inputs_status(rc, &result.inputs);
    sort_pass_release(&result);
    return rc;
}

static int run_sort(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    const struct sort_args *args = given;
    if (args->quiet)
        talk_be_quiet();
    struct sources sources = {0};
    int rc = inputs_list(&sources, operands, count, args->output, error);
    if (rc == 0)
        rc = sort_all(args, &sources, error);
    sources_release(&sources);
    return rc;
}

const struct command cmd_sort = {
    .name = "sort",
    .summary = "order labelled packets by sampleID, then time; merge several files",
    .usage = "labelcap sort -o OUTPUT [OPTION...] INPUT...",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details = "The order is stable, and the same whatever --memory says. Packets without a label "
               "come last.",
    .example = "labelcap sort -o sorted.pcapng labelled.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_sort,
};
