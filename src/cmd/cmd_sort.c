/* labelcap sort: labelled captures in order, in bounded memory. */
#include "base/io/output.h"
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/dataset_writer.h"
#include "dataset/pass.h"
#include "dataset/survey.h"
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

struct sort_args {
    const char *output;
    const char *tmpdir;
    uint64_t memory;
    int by; /* index into by_choices */
    int pcapml_times;
    bool force, quiet;
};

#define ARG(member) offsetof(struct sort_args, member)

static const char *const by_choices[] = {"sample", "time", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT(struct sort_args, "sorted pcapng; .gz and .zst compress; - is standard output"),
    {0, "by", "ORDER", "sample: sampleID, then time; or time (sample)", OPTION_CHOICE, ARG(by),
     by_choices},
    ROW_MEMORY(struct sort_args),
    ROW_TMPDIR(struct sort_args),
    ROW_PCAPML_TIMES(struct sort_args),
    ROW_FORCE(struct sort_args),
    ROW_QUIET(struct sort_args),
    OPTION_END,
};

static const struct sort_args defaults = {.memory = DEFAULT_MEMORY};

struct sorting {
    const struct sort_args *args;
    struct sources sources;
    struct survey survey;
    struct dataset_writer *writer;
    size_t linktypes; /* that its packets have */
    uint64_t files_skipped, files_damaged;
};

static enum packet_order order_of(const struct sort_args *args)
{
    return args->by == 0 ? ORDER_SAMPLE : ORDER_TIME;
}

static int open_reader(const struct sorting *sorting, size_t source, struct lcap_reader **reader,
                       struct lcap_error *error)
{
    const struct lcap_reader_options options = {
        .pcapml_times = (enum lcap_pcapml_times)sorting->args->pcapml_times};
    return lcap_reader_open(reader, sorting->sources.items[source].path, &options, error);
}

struct order_check {
    struct survey survey;
    enum packet_order order;
};

/* Ends the pass at the first block out of order. */
static int check_order(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct order_check *check = context;
    int rc = survey_add(&check->survey, block, NULL, error);
    return rc < 0 ? rc : !check->survey.in_order[check->order];
}

/* A pipe must not even be opened twice: what was read of it is gone. */
static bool is_regular_file(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/*
 * Whether a single regular file is in order already: then it can be copied
 * through instead of sorted. An error here shows again in the pass that counts.
 */
static bool in_order_already(const struct sorting *sorting)
{
    struct order_check check = {.order = order_of(sorting->args)};
    struct lcap_reader *reader = NULL;
    bool in_order = false;
    if (sorting->sources.count == 1 && is_regular_file(sorting->sources.items[0].path) &&
        survey_init(&check.survey, NULL) == 0 && open_reader(sorting, 0, &reader, NULL) == 0)
        in_order = pass_over(reader, check_order, &check, progress_of_reader, NULL) == 0;
    lcap_reader_free(reader);
    survey_release(&check.survey);
    return in_order;
}

static int sort_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct sorting *sorting = context;
    uint32_t sample;
    int rc = survey_add(&sorting->survey, block, &sample, error);
    if (rc < 0)
        return rc;
    if (block->kind != LCAP_BLOCK_PACKET)
        return dataset_writer_block(sorting->writer, block, error);
    if (sample == NO_SAMPLE)
        return dataset_writer_packet(sorting->writer, &block->packet, NULL, NULL, error);
    const struct lcap_label label = {.sample_id =
                                         sample_registry_id(&sorting->survey.registry, sample)};
    return dataset_writer_packet(sorting->writer, &block->packet, NULL, &label, error);
}

/*
 * Damage ends one file, not the run: all before it stays good. What could not
 * be opened as a capture is passed over in a directory.
 */
static int outcome_of_file(struct sorting *sorting, const struct source *source, bool opened,
                           int rc, struct lcap_error *error)
{
    if (rc == LCAP_ERR_DAMAGED) {
        talk_error(error);
        sorting->files_damaged++;
    } else if (rc == LCAP_ERR_FORMAT && !opened && source->walked) {
        sorting->files_skipped++;
    } else {
        return rc;
    }
    lcap_error_clear(error);
    return LCAP_OK;
}

static int sort_inputs(struct sorting *sorting, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < sorting->sources.count && rc == 0; i++) {
        struct lcap_reader *reader = NULL;
        rc = open_reader(sorting, i, &reader, error);
        if (rc == 0) {
            dataset_writer_source(sorting->writer, reader);
            rc = pass_over(reader, sort_block, sorting, progress_of_reader, error);
            talk_pcapml_times(reader);
        }
        bool opened = reader != NULL;
        lcap_reader_free(reader);
        rc = outcome_of_file(sorting, &sorting->sources.items[i], opened, rc, error);
    }
    return rc;
}

static void warn_of_conflicts(const struct survey *survey)
{
    for (size_t i = 0; i < survey->conflict_count; i++) {
        const struct survey_conflict *conflict = &survey->conflicts[i];
        const struct sample sample = sample_registry_get(&survey->registry, conflict->sample);
        talk_warning("sample %" PRIu64 " has two labels: '%.200s' and '%.200s'", sample.id,
                     sample.metadata, intern_get(survey->registry.texts, conflict->other, NULL));
    }
}

static void report(const struct sorting *sorting, const struct lcap_losses *losses)
{
    char files[COUNTED_TEXT];
    warn_of_conflicts(&sorting->survey);
    if (sorting->files_skipped)
        talk_note("%s skipped, no captures", text_counted(sorting->files_skipped, "file", files));
    talk_losses(losses);
    talk_linktypes(sorting->args->output, sorting->linktypes);
}

static int sort_all(struct sorting *sorting, struct lcap_error *error)
{
    const struct sort_args *args = sorting->args;
    const struct output_options placing = {.overwrite = args->force};
    int rc = output_try(args->output, &placing, error);
    if (rc < 0)
        return rc;
    const struct dataset_writer_options options = {
        .order = in_order_already(sorting) ? ORDER_AS_GIVEN : order_of(args),
        .writer = {.overwrite = args->force, .unlimited_snaplen = sorting->sources.count > 1},
        .sorter = {args->memory, args->tmpdir},
    };
    struct lcap_losses losses = {0};
    rc = dataset_writer_open(&sorting->writer, args->output, &options, error);
    if (rc == 0)
        rc = sort_inputs(sorting, error);
    if (rc < 0) {
        dataset_writer_discard(sorting->writer);
        return rc;
    }
    sorting->linktypes = dataset_writer_linktypes(sorting->writer);
    rc = dataset_writer_close(sorting->writer, &losses, error);
    report(sorting, &losses);
    return rc == 0 && sorting->files_damaged ? COMMAND_TOLD : rc;
}

static int run_sort(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    struct sorting sorting = {.args = given};
    if (!sorting.args->output) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "no output (-W FILE)");
        return COMMAND_USAGE;
    }
    if (sorting.args->quiet)
        talk_be_quiet();
    int rc = survey_init(&sorting.survey, error);
    if (rc == 0)
        rc = inputs_list(&sorting.sources, operands, count, sorting.args->output, error);
    if (rc == 0)
        rc = sort_all(&sorting, error);
    survey_release(&sorting.survey);
    sources_release(&sorting.sources);
    return rc;
}

const struct command cmd_sort = {
    .name = "sort",
    .summary = "order labelled packets by sampleID, then time; merge several files",
    .usage = "labelcap sort -W OUTPUT [OPTION...] INPUT...",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details = "The order is stable, and the same whatever --memory says. Packets without a label\n"
               "come last.",
    .example = "labelcap sort -W sorted.pcapng labelled.pcapng",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_sort,
};
