/* From a data set to a collector, sample by sample. */
#include "arrays/array_reading.h"

#include "arrays/array_unordered.h"
#include "arrays/pieces/array_pieces.h"
#include "arrays/pieces/array_slabs.h"
#include "base/error_words.h"
#include "base/io/file.h"
#include "base/io/input.h"
#include "base/memory.h"
#include "capture/parts/reader_guess.h"
#include "dataset/shard/outcome_note.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- samples ---- */

uint32_t array_reading_output(const struct array_reading *r, uint64_t sample_id)
{
    if (!r->lists)
        return 0;
    const uint16_t list = split_lists_of(r->lists, sample_id);
    if (list == SPLIT_NO_LIST)
        return ARRAY_NO_OUTPUT;
    if (r->list == SPLIT_NO_LIST)
        return list;
    return list == r->list ? 0 : ARRAY_NO_OUTPUT;
}

int array_reading_end(struct array_reading *r, struct lcap_error *error)
{
    const bool had_rows = r->in_sample && r->output != ARRAY_NO_OUTPUT;
    r->in_sample = false;
    return had_rows ? array_collector_end(r->collector, error) : LCAP_OK;
}

/* So that the labels of its other packets need not be read. */
static int keep_comment(struct array_reading *r, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    buffer_clear(&r->comment);
    return buffer_append(&r->comment, packet->comment, packet->comment_len, error);
}

static bool is_labelled_alike(const struct array_reading *r, const struct lcap_packet *packet)
{
    return r->in_sample && packet->comment && packet->comment_len == r->comment.len &&
           memcmp(packet->comment, r->comment.data, r->comment.len) == 0;
}

static int begin_sample(struct array_reading *r, const struct lcap_packet *packet,
                        const struct lcap_label *label, struct lcap_error *error)
{
    struct array_sample sample = {.label = {.sample_id = label->sample_id}};
    int rc = array_reading_end(r, error);
    if (rc == LCAP_OK)
        rc = keep_comment(r, packet, error);
    r->in_sample = true;
    r->sample_id = label->sample_id;
    r->output = sample.output = array_reading_output(r, label->sample_id);
    r->unlisted += r->output == ARRAY_NO_OUTPUT;
    if (rc < 0 || r->output == ARRAY_NO_OUTPUT)
        return rc;
    rc = intern_add(r->labels->texts, label->metadata, label->metadata_len, &sample.number, error);
    if (rc < 0)
        return rc;
    /* Not of the packet, which is gone before its sample ends. */
    sample.label.metadata = intern_get(r->labels->texts, sample.number, &sample.label.metadata_len);
    array_collector_begin(r->collector, &sample);
    return LCAP_OK;
}

static int take_packet(const struct array_reading *r, const struct lcap_packet *packet,
                       struct lcap_error *error)
{
    return r->output == ARRAY_NO_OUTPUT
               ? LCAP_OK
               : array_collector_packet(r->collector, packet, r->parsed, error);
}

int array_reading_packet(struct array_reading *r, const struct lcap_packet *packet,
                         const struct lcap_label *label, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!r->in_sample || label->sample_id != r->sample_id)
        rc = begin_sample(r, packet, label, error);
    return rc < 0 ? rc : take_packet(r, packet, error);
}

/* ---- a file in order ---- */

/* What a guess has led to is like damage, of which the merge decides whether it is there. */
int array_reading_refuse(struct array_reading *r, uint64_t sample_id, struct lcap_error *error)
{
    r->disorder = r->guesses;
    if (r->shard)
        return lcap_error_set(error, r->guesses ? LCAP_ERR_DAMAGED : LCAP_ERR_ARGUMENT,
                              "%s: sample %" PRIu64 " comes after sample %" PRIu64
                              ", but shards divide only a data set in the order of its samples, "
                              "which 'labelcap sort' makes",
                              input_name_of(r->dataset), sample_id, r->sample_id);
    if (r->unused_catalogue.code != LCAP_OK)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: sample %" PRIu64 " comes after sample %" PRIu64
                              ", but rows are in the order of sampleIDs, and the catalogue cannot "
                              "be used: %s",
                              r->dataset, sample_id, r->sample_id, r->unused_catalogue.text);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: sample %" PRIu64 " comes after sample %" PRIu64
                          ", but rows are in the order of sampleIDs: 'labelcap sort' orders the "
                          "data set, 'labelcap index' makes a catalogue, with which it is read in "
                          "that order",
                          input_name_of(r->dataset), sample_id, r->sample_id);
}

/* A shard leaves out the first sample that it meets, which is that of a shard before. */
static int take_in_order(struct array_reading *r, const struct lcap_packet *packet,
                         const struct lcap_label *label, struct lcap_error *error)
{
    if (r->met && label->sample_id < r->sample_id)
        return array_reading_refuse(r, label->sample_id, error);
    if (!r->met)
        r->first_sample = label->sample_id;
    r->skips = r->skips && (!r->met || label->sample_id == r->sample_id);
    r->met = true;
    if (!r->skips)
        return array_reading_packet(r, packet, label, error);
    r->sample_id = label->sample_id;
    return LCAP_OK;
}

int array_reading_parsed(struct array_reading *r, const struct lcap_packet *packet,
                         const struct parsed_packet *parsed, struct lcap_error *error)
{
    struct lcap_label label;
    r->parsed = parsed;
    if (is_labelled_alike(r, packet))
        return take_packet(r, packet, error);
    if (lcap_packet_label(packet, &label))
        return take_in_order(r, packet, &label, error);
    r->collector->counts.unlabelled++;
    return LCAP_OK;
}

int array_reading_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    return block->kind == LCAP_BLOCK_PACKET
               ? array_reading_parsed(context, &block->packet, NULL, error)
               : LCAP_OK;
}

int array_reading_walk(struct array_reading *r, struct input_pass *input, struct lcap_error *error)
{
    if (array_slabs_can(r, input))
        return array_slabs_read(r, input, error);
    return array_pieces_can(r, input) ? array_pieces_read(r, input, error)
                                      : input_pass_walk(input, array_reading_block, r, error);
}

/* ---- a shard of it ---- */

/*
 * After the end of a shard: the first sample that is met there is its last one, because the
 * next shard leaves it out. Not so if it is also the first sample of this shard.
 */
static int take_beyond(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct array_reading *r = context;
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET || !lcap_packet_label(&block->packet, &label))
        return LCAP_OK;
    if (!r->beyond)
        r->last_sample = label.sample_id;
    r->beyond = true;
    if (label.sample_id != r->last_sample)
        return 1;
    const int rc = take_in_order(r, &block->packet, &label, error);
    return rc == LCAP_OK && r->skips ? 1 : rc;
}

static int note_disorder(struct joint_segment *segment, const struct lcap_error *found,
                         struct lcap_error *error)
{
    segment->damage = memory_copy_text(found->text, strlen(found->text), error);
    return segment->damage ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int read_shard(struct array_reading *r, struct input_pass *input, struct lcap_error *error)
{
    struct joint *joint = &r->shard->joint;
    struct shard_range range;
    r->skips = shard_range_of(&r->shard->ranges, 0, 0, &range) && range.begin > 0;
    r->guesses = r->skips && !joint_end_in(&r->shard->before, 0);
    int rc = shard_run_walk(r->shard, 0, input, array_reading_block, r, error);
    if (rc == LCAP_OK && joint->segment_count > 0)
        rc = outcome_note_write(&input->outcome, &joint->segments[0].notes, error);
    if (rc < 0 || joint->segment_count == 0 || joint->segments[0].damage)
        return rc;
    input->end = 0;
    rc = input_pass_walk(input, take_beyond, r, error);
    if (rc >= 0 && r->disorder)
        return note_disorder(&joint->segments[0], &input->outcome.error, error);
    return rc < 0 ? rc : LCAP_OK;
}

/* ---- the catalogue ---- */

/* Not for a file in order, which is read faster from its beginning to its end. */
static int look_for_catalogue(struct array_reading *r, struct catalogue **catalogue,
                              struct lcap_error *error)
{
    if (r->shard || r->input->nanoseconds || !file_is_regular(r->dataset))
        return LCAP_OK;
    const int rc = catalogue_open(catalogue, r->dataset, r->catalogue, r->input->pcapml_times,
                                  &r->unused_catalogue);
    if (rc == 1 && catalogue_is_sorted(*catalogue)) {
        catalogue_free(*catalogue);
        *catalogue = NULL;
    }
    r->by_catalogue = *catalogue;
    return rc == LCAP_ERR_MEMORY ? lcap_error_set(error, rc, "%s", r->unused_catalogue.text)
                                 : LCAP_OK;
}

/* ---- the run ---- */

static int read_all(struct array_reading *r, struct catalogue *catalogue, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, r->dataset, false, r->input, error);
    if (rc == LCAP_OK && catalogue && input.reader)
        rc = array_unordered_read(r, catalogue, &input, error);
    else if (rc == LCAP_OK && r->shard)
        rc = read_shard(r, &input, error);
    else if (rc == LCAP_OK)
        rc = array_reading_walk(r, &input, error);
    if (rc == LCAP_OK)
        rc = array_reading_end(r, error);
    if (rc == LCAP_OK)
        input_pass_settle(&input, &r->inputs);
    input_pass_close(&input);
    return rc;
}

int array_lists_need_each_other(struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "'splits' and 'list' need each other");
}

int array_lists_read(struct split_lists *lists, size_t *list,
                     const struct lcap_array_options *options, struct lcap_error *error)
{
    *list = options->sample_ids ? 0 : SPLIT_NO_LIST;
    if (options->sample_ids)
        return split_lists_of_ids(lists, options->sample_ids, options->sample_id_count, error);
    if (options->list && !options->splits)
        return array_lists_need_each_other(error);
    const int rc = options->splits ? split_lists_read(lists, options->splits, error) : LCAP_OK;
    return rc == LCAP_OK && options->list
               ? split_folder_find(&lists->folder, options->list, list, error)
               : rc;
}

int array_reading_run(struct array_reading *r, struct lcap_error *error)
{
    struct catalogue *catalogue = NULL;
    int rc = look_for_catalogue(r, &catalogue, error);
    if (rc == LCAP_OK)
        rc = read_all(r, catalogue, error);
    catalogue_free(catalogue);
    buffer_release(&r->comment);
    return rc;
}

int array_reading_note_catalogue(struct array_reading *r, struct lcap_error *error)
{
    struct catalogue *catalogue = NULL;
    const int rc = look_for_catalogue(r, &catalogue, error);
    catalogue_free(catalogue);
    return rc;
}

static const char *why_no_rows(const struct array_reading *reading)
{
    const struct array_counts *counts = &reading->collector->counts;
    if (counts->samples == 0)
        return reading->unlisted == 0 ? "no packet is labelled" : "no sample is in a list";
    return counts->few > 0 ? "no flow or sample has as many packets as a row needs (--min-packets)"
                           : "no labelled packet has IP";
}

int array_reading_check_rows(const struct array_reading *reading, struct lcap_error *error)
{
    char room[LCAP_ERROR_TEXT];
    if (reading->collector->counts.rows > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_LABEL, "%s: has no rows: %s",
                          input_name_of(reading->dataset), error_words(why_no_rows(reading), room));
}
