/* From parts to an output. */
#include "arrays/shards/array_merge.h"

#include "arrays/shards/array_part.h"
#include "arrays/shards/array_renumber.h"
#include "base/memory.h"
#include <stdlib.h>

/* One part on its way. */
struct passing {
    struct array_output *output;
    struct array_labels *labels;
    struct array_collector *collector; /* of what is counted */
    struct item_reader file;
    uint32_t *numbers; /* of the labels of this part, in `labels` */
    size_t count, capacity;
    struct array_encoded encoded;
};

static int refuse(const struct passing *passing, struct lcap_error *error)
{
    return item_reader_refuse(&passing->file, error);
}

/* ---- items ---- */

static int take_label(struct passing *passing, const struct item *item, struct lcap_error *error)
{
    const int rc = memory_grow((void **)&passing->numbers, &passing->capacity, passing->count + 1,
                               sizeof *passing->numbers, error);
    return rc < 0 ? rc
                  : intern_add(passing->labels->texts, item->bytes, item->len,
                               &passing->numbers[passing->count++], error);
}

static int take_rows(struct passing *passing, const struct item *item, struct lcap_error *error)
{
    struct array_output *output = passing->output;
    struct array_encoded *encoded = &passing->encoded;
    int rc = array_part_take_rows(item, array_part_buffers(output, output->class), encoded, error);
    if (rc == LCAP_OK && !output->class->check(output, encoded))
        rc = LCAP_ERR_FORMAT;
    if (rc == LCAP_OK)
        rc = array_renumber(output, encoded, passing->numbers, passing->count, error);
    if (rc < 0)
        return rc == LCAP_ERR_FORMAT ? refuse(passing, error) : rc;
    output->rows += encoded->rows;
    return output->class->write(output, encoded, error);
}

static int take_counts(const struct passing *passing, const struct item *item,
                       struct lcap_error *error)
{
    struct array_counts counts;
    if (!array_part_take_counts(item, &counts))
        return refuse(passing, error);
    array_counts_add(&passing->collector->counts, &counts);
    return LCAP_OK;
}

static int take_flow(const struct passing *passing, const struct item *item,
                     struct lcap_error *error)
{
    if (item->len != OVERLAP_FLOW_LEN)
        return refuse(passing, error);
    const struct overlap_flow flow = overlap_flow_load(item->bytes);
    return array_overlaps_add(&passing->collector->overlaps, &flow, error);
}

/* ---- a part ---- */

/* What one of the two walks through a part takes. */
typedef int item_taker(struct passing *passing, const struct item *item, struct lcap_error *error);

static int take_of_labels(struct passing *passing, const struct item *item,
                          struct lcap_error *error)
{
    return item->kind == ARRAY_PART_LABEL ? take_label(passing, item, error) : LCAP_OK;
}

static int take_of_rows(struct passing *passing, const struct item *item, struct lcap_error *error)
{
    if (item->kind == ARRAY_PART_ROWS)
        return take_rows(passing, item, error);
    if (item->kind == ARRAY_PART_FLOW)
        return take_flow(passing, item, error);
    return item->kind == ARRAY_PART_END ? take_counts(passing, item, error) : LCAP_OK;
}

static int walk_items(struct passing *passing, const char *path, item_taker *take,
                      struct lcap_error *error)
{
    struct item item = {.kind = 0};
    int rc = item_reader_open(&passing->file, path, array_part_magic, error);
    while (rc == LCAP_OK && item.kind != ARRAY_PART_END) {
        rc = item_reader_next(&passing->file, &item, error);
        if (rc == LCAP_OK)
            rc = take(passing, &item, error);
    }
    item_reader_close(&passing->file);
    return rc;
}

static bool is_left_out(const struct part *part)
{
    return part->joint.segment_count > 0 && part->joint.segments[0].left_out;
}

/* The labels of a part stand behind its rows, which need them. */
static int pass_part(struct passing *passing, const struct part *part, struct lcap_error *error)
{
    passing->count = 0;
    if (is_left_out(part))
        return LCAP_OK;
    const int rc = walk_items(passing, part->path, take_of_labels, error);
    return rc == LCAP_OK ? walk_items(passing, part->path, take_of_rows, error) : rc;
}

int array_merge_rows(const struct array_merge *merge, struct array_output *output,
                     struct array_labels *labels, struct array_collector *collector,
                     struct lcap_error *error)
{
    struct passing passing = {.output = output, .labels = labels, .collector = collector};
    int rc = LCAP_OK;
    for (size_t i = 0; i < merge->parts->count && rc == LCAP_OK; i++)
        rc = pass_part(&passing, &merge->parts->items[i], error);
    for (size_t i = 0; i < ARRAY_MOST_ITEMS; i++)
        buffer_release(&passing.encoded.buffers[i]);
    free(passing.numbers);
    return rc;
}

/* ---- the data set ---- */

static void add_outcome(struct input_outcome *outcome, const struct joint_segment *segment)
{
    uint64_t numbers[OUTCOME_NUMBERS];
    size_t at = 0;
    for (const char *note; (note = joint_next_note(&segment->notes, &at));)
        if (joint_note_numbers(note, OUTCOME_NOTE, numbers, OUTCOME_NUMBERS))
            outcome_note_add(outcome, numbers);
    outcome_end_segment(outcome, segment);
}

void array_merge_outcome(const struct array_merge *merge, struct input_outcome *outcome)
{
    for (size_t i = 0; i < merge->parts->count; i++) {
        const struct part *part = &merge->parts->items[i];
        if (part->joint.segment_count > 0 && !is_left_out(part))
            add_outcome(outcome, &part->joint.segments[0]);
    }
    outcome_end(outcome);
}

/* ---- the run ---- */

int array_merge_begin(struct array_merge *merge, const struct parts *parts,
                      struct lcap_error *error)
{
    struct item_reader file;
    struct item item;
    *merge = (struct array_merge){.parts = parts};
    int rc = item_reader_open(&file, parts->items[0].path, array_part_magic, error);
    if (rc == LCAP_OK)
        rc = item_reader_next(&file, &item, error);
    if (rc == LCAP_OK && item.kind == ARRAY_PART_SETTINGS)
        rc = buffer_append(&merge->settings, item.bytes, item.len, error);
    if (rc == LCAP_OK &&
        !array_part_take_settings(&merge->settings, &merge->options, &merge->format))
        rc = item_reader_refuse(&file, error);
    item_reader_close(&file);
    return rc;
}

void array_merge_release(struct array_merge *merge)
{
    buffer_release(&merge->settings);
}
