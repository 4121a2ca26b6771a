#include "table/parquet/parquet_parts.h"

#include "base/bytes.h"

void parquet_cutter_begin(struct parquet_cutter *cutter, const struct parquet_column *column)
{
    *cutter = (struct parquet_cutter){.column = column};
}

static size_t values_len(const struct parquet_cutter *c, size_t count)
{
    const struct parquet_column *column = c->column;
    if (column->type != PARQUET_TEXT)
        return count * (column->type == PARQUET_BOOLEAN ? 1 : sizeof(uint64_t));
    const uint8_t *start = parquet_column_values(column).data + c->byte, *value = start;
    for (size_t i = 0; i < count; i++)
        value += sizeof(uint32_t) + load32(value, false);
    return (size_t)(value - start);
}

static void take_values(struct parquet_cutter *c, size_t count, size_t len)
{
    c->value += count;
    c->byte += len;
}

/* Without lists, cells are taken in eights, whose bits are a byte. Returns how many. */
static size_t take_cells(struct parquet_cutter *c)
{
    const struct parquet_bits *present = &c->column->present;
    const size_t start = c->byte;
    size_t level = c->level;
    for (; level < present->count && c->byte - start < PARQUET_PAGE_BYTES; level += 8) {
        const size_t count = (size_t)__builtin_popcount(present->bytes.data[level / 8]);
        take_values(c, count, values_len(c, count));
    }
    return (level < present->count ? level : present->count) - c->level;
}

static void cut_bits(const struct parquet_cutter *c, size_t count, struct parquet_bits *bits)
{
    *bits = (struct parquet_bits){
        .count = count, .bytes = {.data = c->column->present.bytes.data, .len = (count + 7) / 8}};
    if (count > 0)
        bits->bytes.data += c->level / 8;
}

static int cut_lists(struct parquet_cutter *c, size_t count, struct parquet_column *cells,
                     struct lcap_error *error)
{
    const struct parquet_column *column = c->column;
    int rc = parquet_levels_take(&column->repetitions, &c->repetition, count, &cells->repetitions,
                                 error);
    if (rc == LCAP_OK)
        rc = parquet_levels_take(&column->definitions, &c->definition, count, &cells->definitions,
                                 error);
    if (rc < 0)
        return rc;
    const size_t values = parquet_levels_of(&cells->definitions, parquet_column_depth(column));
    take_values(c, values, values * sizeof(uint64_t));
    return LCAP_OK;
}

/* The rest, if that is short; its texts need not be walked through. */
static size_t rest_of(struct parquet_cutter *c)
{
    const struct parquet_column *column = c->column;
    const size_t left = parquet_column_values(column).len - c->byte;
    if (left > PARQUET_PAGE_BYTES)
        return 0;
    take_values(c, column->value_count - c->value, left);
    return column->present.count - c->level;
}

static int cut(struct parquet_cutter *c, struct parquet_column *cells, struct lcap_error *error)
{
    const struct parquet_column *column = c->column;
    size_t count;
    int rc = LCAP_OK;
    if (column->lists > 0) {
        count = parquet_levels_until(&column->repetitions, c->repetition,
                                     PARQUET_PAGE_BYTES / sizeof(uint64_t));
        rc = cut_lists(c, count, cells, error);
    } else {
        count = rest_of(c);
        if (count == 0)
            count = take_cells(c);
        cut_bits(c, count, &cells->present);
    }
    c->level += count;
    return rc;
}

int parquet_cutter_next(struct parquet_cutter *c, struct parquet_part *part,
                        struct lcap_error *error)
{
    const struct parquet_column *column = c->column;
    struct parquet_column *cells = &part->cells;
    const size_t start = c->byte;
    cells->type = column->type;
    cells->lists = column->lists;
    part->is_first = c->level == 0;
    part->first_value = c->value;
    const int rc = cut(c, cells, error);
    cells->value_count = c->value - part->first_value;
    cells->values = (struct buffer){.data = column->values.data + start,
                                    .len = PARQUET_HEADROOM + c->byte - start};
    return rc < 0 ? rc : c->level < parquet_column_levels(column);
}

void parquet_part_release(struct parquet_part *part)
{
    parquet_levels_release(&part->cells.definitions);
    parquet_levels_release(&part->cells.repetitions);
}
