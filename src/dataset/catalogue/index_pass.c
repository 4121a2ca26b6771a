/* Makes the catalogue of a data set, in one walk through it. */
#include "dataset/catalogue/index_pass.h"

#include "base/io/file.h"
#include "base/memory.h"
#include "dataset/catalogue/catalogue_writer.h"
#include "dataset/catalogue/file_facts.h"
#include "dataset/catalogue/index_shard.h"
#include "dataset/catalogue/sample_sources.h"
#include "dataset/survey.h"
#include <stdlib.h>
#include <string.h>

struct indexing {
    struct input_pass input;
    struct survey survey;
    struct snaplens snaplens;
    struct sample_sources sources;
    struct catalogue_writer *writer;
    struct lcap_position next;    /* where the next block begins */
    struct catalogue_range range; /* which the next block may continue */
    bool in_range;
    enum lcap_pcapml_times times;
    bool mixed_times; /* they contradict each other */
    struct index_pass_result *result;
};

/* ---- ranges ---- */

static int end_range(struct indexing *ix, uint64_t end, struct lcap_error *error)
{
    if (!ix->in_range)
        return LCAP_OK;
    ix->in_range = false;
    ix->range.length = end - ix->range.at.offset;
    ix->result->ranges += ix->range.sample != NO_SAMPLE;
    return catalogue_writer_range(ix->writer, &ix->range, error);
}

/*
 * A block that begins at `at`. Packets without a label are in no range: they belong
 * to no sample, and nothing depends on them.
 */
static int add_to_range(struct indexing *ix, const struct lcap_block *block, uint32_t sample,
                        const struct lcap_position *at, struct lcap_error *error)
{
    const bool is_packet = block->kind == LCAP_BLOCK_PACKET;
    const bool continues = ix->in_range && ix->range.sample == sample;
    const bool unlabelled = is_packet && sample == NO_SAMPLE;
    int rc = continues && !unlabelled ? LCAP_OK : end_range(ix, at->offset, error);
    if (rc < 0 || unlabelled)
        return rc;
    if (!ix->in_range)
        ix->range = (struct catalogue_range){.sample = sample, .at = *at};
    ix->in_range = true;
    ix->range.packets += is_packet;
    return LCAP_OK;
}

/* A block that ends at `next`. */
static int index_outline(struct indexing *ix, const struct lcap_block *block,
                         const struct lcap_position *next, struct lcap_error *error)
{
    const struct lcap_position at = ix->next;
    uint32_t sample = NO_SAMPLE;
    ix->next = *next;
    int rc = survey_add(&ix->survey, block, &sample, error);
    if (rc == LCAP_OK)
        rc = add_to_range(ix, block, sample, &at, error);
    if (rc == LCAP_OK && sample != NO_SAMPLE)
        rc = sample_sources_add(&ix->sources, sample, &block->packet, error);
    if (rc == LCAP_OK && block->kind == LCAP_BLOCK_INTERFACE)
        rc = catalogue_writer_interface(ix->writer, at.section, at.interfaces, block->interface,
                                        error);
    snaplens_look(&ix->snaplens, block);
    return rc;
}

static int index_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct indexing *ix = context;
    struct lcap_position next = {.size = sizeof next};
    const int rc = lcap_reader_tell(ix->input.reader, &next, error);
    return rc == LCAP_OK ? index_outline(ix, block, &next, error) : rc;
}

/* ---- the other tables ---- */

static int write_sample(const struct indexing *ix, uint32_t number, struct lcap_error *error)
{
    const struct sample known = sample_registry_get(&ix->survey.registry, number);
    const struct survey_sample *seen = &ix->survey.samples[number];
    const struct catalogue_sample sample = {
        .id = known.id,
        .metadata = known.metadata,
        .metadata_len = known.metadata_len,
        .packets = seen->tally.packets,
        .bytes = seen->tally.bytes,
        .has_time = tally_has_time(&seen->tally),
        .first_ns = seen->tally.first_ns,
        .last_ns = seen->tally.last_ns,
        .linktype = seen->linktype,
        .source = sample_sources_first(&ix->sources, number),
    };
    return catalogue_writer_sample(ix->writer, number, &sample, error);
}

static int write_samples(const struct indexing *ix, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t number = 0; number < ix->result->samples && rc == LCAP_OK; number++)
        rc = write_sample(ix, number, error);
    return rc;
}

static int write_sources(const struct indexing *ix, struct lcap_error *error)
{
    const struct sample_sources *sources = &ix->sources;
    int rc = LCAP_OK;
    for (size_t i = 0; i < sources->pairs.count && rc == LCAP_OK; i++) {
        const uint64_t pair = sources->pairs.ids[i];
        size_t len;
        const char *path = intern_get(sources->paths, (uint32_t)pair, &len);
        const uint64_t id = sample_registry_id(&ix->survey.registry, (uint32_t)(pair >> 32));
        rc = catalogue_writer_source(ix->writer, id, path, len, sources->packets[i], error);
    }
    return rc;
}

static int write_dataset(const struct indexing *ix, const struct file_facts *facts,
                         struct lcap_error *error)
{
    const struct index_pass_result *done = ix->result;
    const struct catalogue_dataset dataset = {
        .size = facts->size,
        .ends_sha256 = facts->ends_sha256,
        .compression = facts->compression,
        .sorted = done->sorted,
        .sound_snaplens = !ix->snaplens.unsound,
        .times = ix->mixed_times ? CATALOGUE_TIMES_MIXED : catalogue_times(ix->times),
        .packets = done->packets,
        .labelled = done->labelled,
        .samples = done->samples,
        .sha256 = facts->sha256[0] ? facts->sha256 : NULL,
    };
    return catalogue_writer_dataset(ix->writer, &dataset, error);
}

static int take_results(struct indexing *ix, const char *dataset, struct lcap_error *error)
{
    const struct survey *survey = &ix->survey;
    struct index_pass_result *done = ix->result;
    done->sorted = survey->in_order[ORDER_SAMPLE];
    done->packets = survey->all.packets;
    done->labelled = survey->labelled.packets;
    done->samples = sample_registry_count(&survey->registry);
    done->conflicting_packets = survey->conflicting_packets;
    return done->samples > 0
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_LABEL,
                                "%s: has no labelled packet, so there is nothing to index",
                                dataset);
}

/* ---- the pass ---- */

/* Whether nobody knows how to read these times. */
static bool are_mixed(enum lcap_pcapml_times times, uint64_t contradicting)
{
    return times == LCAP_PCAPML_TIMES_AUTO && contradicting > 0;
}

static int walk(struct indexing *ix, struct lcap_error *error)
{
    int rc = ix->input.reader ? lcap_reader_tell(ix->input.reader, &ix->next, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = input_pass_walk(&ix->input, index_block, ix, error);
    if (rc == LCAP_OK)
        rc = end_range(ix, ix->next.offset, error);
    if (rc < 0)
        return rc;
    ix->mixed_times = are_mixed(ix->times, ix->input.outcome.odd_times.contradicting);
    input_pass_settle(&ix->input, &ix->result->inputs);
    ix->result->damage = ix->input.outcome.error;
    return ix->input.outcome.status < 0 ? LCAP_OK : take_results(ix, ix->input.outcome.name, error);
}

static int write_tables(const struct indexing *ix, const struct file_facts *facts,
                        struct lcap_error *error)
{
    int rc = write_samples(ix, error);
    if (rc == LCAP_OK)
        rc = write_sources(ix, error);
    return rc == LCAP_OK ? write_dataset(ix, facts, error) : rc;
}

static int finish(struct indexing *ix, struct lcap_error *error)
{
    struct catalogue_writer *writer = ix->writer;
    ix->writer = NULL;
    return catalogue_writer_close(writer, error);
}

static int index_dataset(struct indexing *ix, const char *dataset, const char *catalogue,
                         const struct index_pass_options *options, struct lcap_error *error)
{
    struct file_facts facts;
    int rc = file_facts_find(dataset, options->hash, &facts, error);
    if (rc == LCAP_OK)
        rc = catalogue_writer_open(&ix->writer, catalogue, &options->placing, error);
    if (rc == LCAP_OK)
        rc = input_pass_open(&ix->input, dataset, false, &options->input, error);
    if (ix->input.reader) /* otherwise it is damaged from the beginning */
        input_pass_expect(&ix->input, &(struct input_seen){.stamp = facts.stamp});
    if (rc == LCAP_OK)
        rc = walk(ix, error);
    if (rc < 0 || ix->input.outcome.status < 0)
        return rc;
    ix->result->compression = facts.compression;
    rc = write_tables(ix, &facts, error);
    return rc == LCAP_OK ? finish(ix, error) : rc;
}

static int begin(struct indexing *ix, enum lcap_pcapml_times times, struct lcap_error *error)
{
    ix->times = times;
    ix->next.size = sizeof ix->next;
    int rc = survey_init(&ix->survey, error);
    return rc == LCAP_OK ? sample_sources_init(&ix->sources, error) : rc;
}

char *index_pass_catalogue(const char *dataset, const struct index_pass_options *options,
                           struct lcap_error *error)
{
    const char *path = options->catalogue;
    return path ? memory_copy_text(path, strlen(path), error) : catalogue_path(dataset, error);
}

int index_pass_run(const char *dataset, const struct index_pass_options *options,
                   struct index_pass_result *result, struct lcap_error *error)
{
    struct indexing ix = {.result = result};
    *result = (struct index_pass_result){.packets = 0};
    if (options->shard.count > 0)
        return index_shard_run(dataset, options, result, error);
    char *catalogue = index_pass_catalogue(dataset, options, error);
    if (!catalogue)
        return LCAP_ERR_MEMORY;
    int rc = begin(&ix, options->input.pcapml_times, error);
    if (rc == LCAP_OK)
        rc = index_dataset(&ix, dataset, catalogue, options, error);
    catalogue_writer_discard(ix.writer);
    input_pass_close(&ix.input);
    sample_sources_release(&ix.sources);
    survey_release(&ix.survey);
    free(catalogue);
    return rc;
}

/* ---- parts ---- */

struct merging {
    struct indexing *ix;
    struct index_part_facts facts;
    bool begun;
};

static int index_outline_of(void *context, const struct lcap_block *block,
                            const struct lcap_position *next, struct lcap_error *error)
{
    struct merging *merging = context;
    if (!merging->begun)
        merging->ix->next = merging->facts.begin;
    merging->begun = true;
    return index_outline(merging->ix, block, next, error);
}

static int replay(struct merging *merging, const struct parts *parts, struct lcap_error *error)
{
    struct indexing *ix = merging->ix;
    int rc = index_shard_replay(parts, &merging->facts, index_outline_of, merging, error);
    if (rc == LCAP_OK)
        rc = end_range(ix, ix->next.offset, error);
    ix->times = merging->facts.times;
    ix->mixed_times = are_mixed(ix->times, merging->facts.contradicting);
    return rc == LCAP_OK ? take_results(ix, index_shard_dataset(parts), error) : rc;
}

static int index_parts(struct indexing *ix, const struct parts *parts,
                       const struct index_pass_options *options, struct lcap_error *error)
{
    struct merging merging = {.ix = ix};
    struct file_facts file = {.size = 0};
    int rc = catalogue_writer_open(&ix->writer, options->catalogue, &options->placing, error);
    if (rc == LCAP_OK)
        rc = replay(&merging, parts, error);
    if (rc == LCAP_OK)
        rc = file_facts_find(index_shard_dataset(parts), merging.facts.hash, &file, error);
    if (rc == LCAP_OK)
        rc = index_shard_check_file(parts, &merging.facts, &file, error);
    if (rc < 0)
        return rc;
    ix->result->compression = file.compression;
    rc = write_tables(ix, &file, error);
    return rc == LCAP_OK ? finish(ix, error) : rc;
}

int index_pass_merge(const struct parts *parts, const struct index_pass_options *options,
                     struct index_pass_result *result, struct lcap_error *error)
{
    struct indexing ix = {.result = result};
    *result = (struct index_pass_result){.inputs.read = 1};
    int rc = index_shard_check(parts, error);
    if (rc == LCAP_OK)
        rc = begin(&ix, LCAP_PCAPML_TIMES_AUTO, error);
    if (rc == LCAP_OK)
        rc = index_parts(&ix, parts, options, error);
    catalogue_writer_discard(ix.writer);
    sample_sources_release(&ix.sources);
    survey_release(&ix.survey);
    return rc;
}
