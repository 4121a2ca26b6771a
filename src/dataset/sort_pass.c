/* Sorts labelled captures. */
#include "dataset/sort_pass.h"

#include "base/io/file.h"
#include "base/io/output.h"
#include "capture/parts/reader_guess.h"
#include "dataset/dataset_writer.h"
#include "dataset/shard/sort_shard.h"
#include <string.h>

struct sorting {
    const struct sources *sources;
    const struct sort_pass_options *options;
    struct sort_pass_result *result;
    struct dataset_writer *writer;
    struct sort_shard shard;
    const char *phase;          /* in which the inputs are read */
    bool copies;                /* a single input, which is in order … */
    struct input_seen in_order; /* … as this pass over it has seen */
};

struct order_check {
    struct survey survey;
    enum packet_order order;
};

/* Ends the walk at the first block out of order. */
static int check_order(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct order_check *check = context;
    int rc = survey_add(&check->survey, block, NULL, error);
    return rc < 0 ? rc : !(check->survey.in_order[check->order] && check->survey.others_in_place);
}

/* An error here occurs again in the actual pass. */
static bool is_in_order(const char *path, const struct sort_pass_options *options,
                        struct input_seen *seen)
{
    struct order_check check = {.order = options->order};
    struct input_pass input = {.reader = NULL};
    const bool opened = survey_init(&check.survey, NULL) == 0 &&
                        input_pass_open(&input, path, false, &options->input, NULL) == 0;
    input.phase = "pass 1 of 2: check the order";
    const bool in_order = opened && input_pass_walk(&input, check_order, &check, NULL) == 0 &&
                          input.outcome.status == LCAP_OK;
    *seen = input.seen;
    input_pass_close(&input);
    survey_release(&check.survey);
    return in_order;
}

/* Whether there is a single regular file that is already in order: then it can be copied instead of
 * sorted. */
static bool may_be_copied(struct sorting *sorting)
{
    const char *first = sorting->sources->count == 1 ? sorting->sources->items[0].path : NULL;
    return first && file_is_regular(first) &&
           is_in_order(first, sorting->options, &sorting->in_order);
}

static int sort_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct sorting *sorting = context;
    struct survey *survey = &sorting->result->survey;
    uint32_t sample;
    int rc = survey_add(survey, block, &sample, error);
    if (rc == 0 && sorting->shard.run)
        rc = sort_shard_check(&sorting->shard, block, error);
    if (rc < 0)
        return rc;
    if (block->kind != LCAP_BLOCK_PACKET)
        return dataset_writer_block(sorting->writer, block, error);
    if (sample == NO_SAMPLE)
        return dataset_writer_copy(sorting->writer, block, NULL, error);
    const struct lcap_label label = {.sample_id = sample_registry_id(&survey->registry, sample)};
    return dataset_writer_copy(sorting->writer, block, &label, error);
}

/* Also where the file has changed without a trace in its times. */
static int check_still_in_order(const struct sorting *sorting, const struct input_pass *input,
                                struct lcap_error *error)
{
    const struct survey *survey = &sorting->result->survey;
    const bool in_order = survey->in_order[sorting->options->order] && survey->others_in_place;
    return in_order || !sorting->copies ? LCAP_OK : input_pass_changed(input, error);
}

static int walk_source(struct sorting *sorting, size_t number, struct input_pass *input,
                       struct lcap_error *error)
{
    struct shard_run *shard = sorting->shard.run;
    return shard ? shard_run_walk(shard, number, input, sort_block, sorting, error)
                 : input_pass_walk(input, sort_block, sorting, error);
}

/* The path under which the blocks can be read again from where they are, or NULL. */
static const char *path_again(const char *path, const struct lcap_reader *reader)
{
    return strcmp(path, "-") != 0 && reader_is_plain(reader) ? path : NULL;
}

static int sort_source(struct sorting *sorting, size_t number, struct lcap_error *error)
{
    const struct source *source = &sorting->sources->items[number];
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, &sorting->options->input, error);
    if (input.reader)
        dataset_writer_source(sorting->writer, input.reader);
    if (input.reader)
        dataset_writer_file(sorting->writer, path_again(source->path, input.reader),
                            &input.seen.stamp);
    input.phase = sorting->phase;
    input.number = number;
    if (sorting->copies)
        input_pass_expect(&input, &sorting->in_order);
    if (rc == 0)
        rc = walk_source(sorting, number, &input, error);
    if (rc == 0)
        rc = check_still_in_order(sorting, &input, error);
    if (rc == 0)
        input_pass_settle(&input, &sorting->result->inputs);
    if (rc == 0 && input.outcome.status != LCAP_ERR_FORMAT)
        class_folders_add(&sorting->result->inputs.folders, source);
    input_pass_close(&input);
    return rc;
}

/*
 * Packets take hardly less room in the sorter than in the inputs, compressed or not.
 * A file that is no capture, or a compressed one that another shard reads, counts, too;
 * that may cost a spill, and nothing else.
 */
static struct sorter_options sorter_for(const struct sorting *sorting)
{
    const struct shard_run *shard = sorting->shard.run;
    struct sorter_options sorter = sorting->options->sorter;
    for (size_t i = 0; i < sorting->sources->count; i++) {
        const struct source *source = &sorting->sources->items[i];
        const uint64_t size = source->has_size ? source->size : 0;
        sorter.least += shard ? shard_run_bytes(shard, i) : size;
    }
    return sorter;
}

static int open_writer(struct sorting *sorting, const char *output, struct lcap_error *error)
{
    const struct sort_pass_options *options = sorting->options;
    struct input_seen seen; /* between the others */
    const struct shard_run *shard = sorting->shard.run;
    const bool copy = sorting->copies = !shard && may_be_copied(sorting);
    int rc = LCAP_OK;
    struct dataset_writer_options writing = {
        .order = copy ? ORDER_AS_GIVEN : options->order,
        .writer = {.overwrite = options->placing.overwrite || shard,
                   .no_sync = options->placing.no_sync,
                   .level = options->placing.level,
                   .threads = options->input.threads,
                   .unlimited_snaplen = sorting->sources->count > 1},
        .sorter = sorter_for(sorting),
        .watcher = options->input.watcher,
        .checksum = shard ? &sorting->shard.run->checksum : NULL,
    };
    sorting->phase = copy ? "pass 2 of 2: copy" : "pass 1 of 2: read";
    if (copy && !output_can_patch(output))
        rc = input_check_snaplens(sorting->sources->items[0].path, &options->input,
                                  &writing.writer.sound_snaplens, &seen, error);
    return rc == 0 ? dataset_writer_open(&sorting->writer, shard ? shard->part : output, &writing,
                                         error)
                   : rc;
}

static int finish(struct sorting *sorting, struct lcap_error *error)
{
    struct dataset_writer *writer = sorting->writer;
    sorting->result->linktypes = dataset_writer_linktypes(writer);
    sorting->writer = NULL;
    return dataset_writer_close(writer, &sorting->result->losses, error);
}

static int sort_sources(struct sorting *sorting, const char *output, struct lcap_error *error)
{
    const struct sources *sources = sorting->sources;
    struct shard_run *shard = sorting->shard.run;
    int rc = open_writer(sorting, output, error);
    for (size_t i = 0; i < sources->count && rc == 0; i++)
        if (!shard || shard_run_has(shard, i))
            rc = sort_source(sorting, i, error);
    if (rc == 0 && !shard)
        rc = input_counts_check(&sorting->result->inputs, error);
    if (rc == 0)
        rc = finish(sorting, error);
    if (rc < 0 || !shard)
        return rc;
    sort_shard_note(&sorting->shard, sorting->result);
    return shard_run_finish(shard, error);
}

static int sort_in_shard(struct sorting *sorting, const char *output, struct lcap_error *error)
{
    int rc = sort_shard_begin(&sorting->shard, sorting->sources, output, sorting->options, error);
    struct shard_run *shard = sorting->shard.run;
    if (rc < 0)
        return rc;
    sorting->result->is_done = shard_run_is_done(shard);
    if (sorting->result->is_done)
        return LCAP_OK;
    rc = shard_run_begin(shard, &sorting->options->placing, error);
    return rc == 0 ? sort_sources(sorting, output, error) : rc;
}

int sort_pass_run(const struct sources *sources, const char *output,
                  const struct sort_pass_options *options, struct sort_pass_result *result,
                  struct lcap_error *error)
{
    struct sorting sorting = {.sources = sources, .options = options, .result = result};
    *result = (struct sort_pass_result){.inputs = input_counts_of(sources)};
    int rc = survey_init(&result->survey, error);
    if (rc == 0 && options->shard.count > 0)
        rc = sort_in_shard(&sorting, output, error);
    else if (rc == 0 && (rc = output_try(output, &options->placing, error)) == 0)
        rc = sort_sources(&sorting, output, error);
    shard_run_free(sorting.shard.run);
    dataset_writer_discard(sorting.writer);
    return rc;
}

void sort_pass_release(struct sort_pass_result *result)
{
    survey_release(&result->survey);
}
