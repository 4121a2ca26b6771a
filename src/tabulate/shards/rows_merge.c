/* A heap of parts by the order of the rows that they are at. */
#include "tabulate/shards/rows_merge.h"

#include "base/least_heap.h"
#include "base/memory.h"
#include "dataset/shard/parts.h"
#include "tabulate/shards/row_batches.h"
#include <inttypes.h>
#include <stdlib.h>

/* One part, and what it is at. */
struct strand {
    struct item_reader reader;
    struct item item;
    uint64_t order[3]; /* of a row */
};

struct rows_merge {
    struct strand *strands; /* in the order of the shards */
    size_t count;
    struct least_heap heap; /* of strands that are at a row */
    bool is_passed;         /* the first row of the heap is; its strand has to advance */
    struct buffer settings;
    struct buffer group; /* its item */
    const struct lcap_flow_options *flow;
    struct findings damage;
};

/* ---- items ---- */

static int refuse(const struct strand *strand, struct lcap_error *error)
{
    return item_reader_refuse(&strand->reader, error);
}

/* Cells are what the columns say: whoever encodes them relies on it. */
static bool has_columns(const struct rows_merge *merge, const struct lcap_row *row)
{
    const struct lcap_flow_options *flow = merge->flow;
    if (row->count != lcap_profile_columns(flow->profile, flow->compat))
        return false;
    for (size_t i = 0; i < row->count; i++) {
        const struct lcap_column *column = lcap_profile_column(flow->profile, flow->compat, i);
        if (row->cells[i].kind != LCAP_CELL_EMPTY && row->cells[i].kind != column->kind)
            return false;
    }
    return true;
}

static int advance(const struct rows_merge *merge, struct strand *strand, struct lcap_error *error)
{
    const int rc = item_reader_next(&strand->reader, &strand->item, error);
    if (rc < 0 || strand->item.kind != ROWS_ROW)
        return rc;
    return merge->flow && row_record_order(strand->item.bytes, strand->item.len, strand->order)
               ? LCAP_OK
               : refuse(strand, error);
}

/* ---- opening ---- */

static bool comes_before(const void *context, uint32_t a, uint32_t b)
{
    const struct rows_merge *merge = context;
    const uint64_t *x = merge->strands[a].order, *y = merge->strands[b].order;
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i];
    return a < b;
}

static bool is_item(const struct buffer *known, const struct item *item)
{
    return known->len == item->len &&
           (item->len == 0 || memcmp(known->data, item->bytes, item->len) == 0);
}

/* Whether all strands are at an item of that kind, and the same one, which `kept` gets. */
static int take_common(const struct rows_merge *merge, enum rows_item_kind kind,
                       struct buffer *kept, struct lcap_error *error)
{
    const struct item *first = &merge->strands[0].item;
    buffer_clear(kept);
    const int rc = buffer_append(kept, first->bytes, first->len, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < merge->count; i++)
        if (merge->strands[i].item.kind != kind || !is_item(kept, &merge->strands[i].item))
            return refuse(&merge->strands[i], error);
    return LCAP_OK;
}

static int open_strand(struct rows_merge *merge, const char *path,
                       const struct input_sparing *sparing, struct lcap_error *error)
{
    struct strand *strand = &merge->strands[merge->count];
    const int rc = item_reader_open_sparing(&strand->reader, path, rows_part_magic, sparing, error);
    merge->count++;
    return rc == LCAP_OK ? advance(merge, strand, error) : rc;
}

int rows_merge_open(struct rows_merge **merge, const char *const *paths, size_t count,
                    struct lcap_error *error)
{
    const struct input_sparing sparing = parts_sparing(count);
    struct rows_merge *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->strands = memory_new(count, sizeof *made->strands, error);
    int rc = made->strands ? least_heap_init(&made->heap, count, comes_before, made, error)
                           : LCAP_ERR_MEMORY;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = open_strand(made, paths[i], &sparing, error);
    if (rc == LCAP_OK)
        rc = take_common(made, ROWS_SETTINGS, &made->settings, error);
    if (rc == LCAP_OK)
        *merge = made;
    else
        rows_merge_free(made);
    return rc;
}

const struct buffer *rows_merge_settings(const struct rows_merge *merge)
{
    return &merge->settings;
}

void rows_merge_use(struct rows_merge *merge, const struct lcap_flow_options *flow)
{
    merge->flow = flow;
}

/* ---- groups ---- */

static int advance_all(struct rows_merge *merge, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < merge->count && rc == LCAP_OK; i++)
        rc = advance(merge, &merge->strands[i], error);
    return rc;
}

/* A name, and metadata unless there is none, each with its end. */
static bool name_group(const struct buffer *item, struct input_group *group)
{
    const char *name = (const char *)item->data;
    if (item->len == 0 || name[item->len - 1] != '\0')
        return false;
    const size_t len = strlen(name) + 1;
    *group = (struct input_group){.name = name, .metadata = len < item->len ? name + len : NULL};
    return true;
}

int rows_merge_group(struct rows_merge *merge, struct input_group *group, struct lcap_error *error)
{
    int rc = advance_all(merge, error);
    if (rc < 0)
        return rc;
    if (merge->strands[0].item.kind == ROWS_LAST)
        return take_common(merge, ROWS_LAST, &merge->group, error);
    rc = take_common(merge, ROWS_GROUP, &merge->group, error);
    if (rc == LCAP_OK && !name_group(&merge->group, group))
        rc = refuse(&merge->strands[0], error);
    return rc < 0 ? rc : 1;
}

/* ---- rows ---- */

static void fill_heap(struct rows_merge *merge)
{
    merge->heap.count = 0;
    merge->is_passed = false;
    for (size_t i = 0; i < merge->count; i++)
        if (merge->strands[i].item.kind == ROWS_ROW)
            least_heap_add(&merge->heap, (uint32_t)i);
    least_heap_order(&merge->heap);
}

/* The row that was passed on is valid until its part goes on. */
static int go_on(struct rows_merge *merge, struct lcap_error *error)
{
    struct strand *least = &merge->strands[merge->heap.items[0]];
    const int rc = advance(merge, least, error);
    merge->is_passed = false;
    least_heap_settle(&merge->heap, least->item.kind != ROWS_ROW);
    return rc;
}

static int next_row(void *context, struct item *item, uint32_t *strand, struct lcap_error *error)
{
    struct rows_merge *merge = context;
    const int rc = merge->is_passed ? go_on(merge, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    if (merge->heap.count == 0)
        return 0;
    *strand = merge->heap.items[0];
    *item = merge->strands[*strand].item;
    merge->is_passed = true;
    return 1;
}

static int read_row(const void *context, const struct item *item, uint32_t strand,
                    struct lcap_cell cells[ROW_COPY_CELLS], struct lcap_flow_row *row,
                    struct lcap_error *error)
{
    const struct rows_merge *merge = context;
    return row_record_read(item->bytes, item->len, cells, row) && has_columns(merge, &row->row)
               ? LCAP_OK
               : refuse(&merge->strands[strand], error);
}

static int pass_rows(struct rows_merge *merge, const struct row_target *target,
                     struct lcap_error *error)
{
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    struct item item;
    uint32_t strand;
    int rc;
    while ((rc = next_row(merge, &item, &strand, error)) == 1) {
        rc = read_row(merge, &item, strand, cells, &row, error);
        if (rc == LCAP_OK)
            rc = target->sink(target->context, &row, error);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int press_rows(struct rows_merge *merge, const struct row_target *target, unsigned threads,
                      struct lcap_error *error)
{
    const struct row_batch_source source = {next_row, read_row, merge};
    fill_heap(merge);
    return target->press ? row_batches_run(&source, target->press, threads, error)
                         : pass_rows(merge, target, error);
}

/* ---- the end of a group ---- */

static int keep_damage(struct rows_merge *merge, const struct strand *strand,
                       struct lcap_error *error)
{
    const struct item *item = &strand->item;
    if (item->len == 0 || item->bytes[item->len - 1] != '\0')
        return refuse(strand, error);
    const struct lcap_finding finding = {
        .severity = LCAP_SEVERITY_ERROR, .count = 1, .text = (const char *)item->bytes};
    return findings_add(&merge->damage, &finding, error);
}

/* All shards have read all inputs: the damage that the first has met is that of all. */
static int take_end(struct rows_merge *merge, size_t number, struct rows_end *end,
                    struct lcap_error *error)
{
    struct strand *strand = &merge->strands[number];
    int rc = LCAP_OK;
    while (rc == LCAP_OK && strand->item.kind == ROWS_DAMAGE) {
        if (number == 0)
            rc = keep_damage(merge, strand, error);
        if (rc == LCAP_OK)
            rc = advance(merge, strand, error);
    }
    return rc < 0 || rows_end_read(&strand->item, end) ? rc : refuse(strand, error);
}

/* The packets are those of all, the flows those of each. */
static int add_ends(struct rows_merge *merge, struct rows_end *all, struct lcap_error *error)
{
    struct rows_end end;
    int rc = take_end(merge, 0, all, error);
    for (size_t i = 1; i < merge->count && rc == LCAP_OK; i++) {
        rc = take_end(merge, i, &end, error);
        if (rc < 0)
            break;
        all->counts.flows += end.counts.flows;
        all->counts.peak_flows += end.counts.peak_flows;
        all->counts.evicted += end.counts.evicted;
    }
    return rc;
}

static int check_room(const struct rows_merge *merge, const struct rows_end *all,
                      struct lcap_error *error)
{
    const uint64_t most = merge->flow->max_flows;
    if (!most || all->counts.peak_flows <= most)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "up to %" PRIu64 " flows may have been open at once, more than "
                          "--max-flows-in-memory allows (%" PRIu64 "): one process might have "
                          "written some early; run all shards again with a larger number",
                          all->counts.peak_flows, most);
}

int rows_merge_rows(struct rows_merge *merge, const struct row_target *target, unsigned threads,
                    struct rows_end *end, struct lcap_error *error)
{
    int rc = advance_all(merge, error);
    if (rc == LCAP_OK)
        rc = press_rows(merge, target, threads, error);
    if (rc == LCAP_OK)
        rc = add_ends(merge, end, error);
    return rc == LCAP_OK ? check_room(merge, end, error) : rc;
}

const struct findings *rows_merge_damage(const struct rows_merge *merge)
{
    return &merge->damage;
}

void rows_merge_free(struct rows_merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->count; i++)
        item_reader_close(&merge->strands[i].reader);
    free(merge->strands);
    least_heap_release(&merge->heap);
    buffer_release(&merge->settings);
    buffer_release(&merge->group);
    findings_release(&merge->damage);
    free(merge);
}
