#include "table/parquet_column.h"

#include "base/bytes.h"
#include "table/table_internal.h"
#include <inttypes.h>
#include <stdlib.h>

static enum parquet_type type_of(enum lcap_cell_kind kind)
{
    switch (kind) {
    case LCAP_CELL_UNSIGNED:
    case LCAP_CELL_SIGNED:
    case LCAP_CELL_SERIES: /* of its numbers */
    case LCAP_CELL_NESTED:
        return PARQUET_INT64;
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
    case LCAP_CELL_SECONDS:
        return PARQUET_DOUBLE;
    case LCAP_CELL_BOOL:
        return PARQUET_BOOLEAN;
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_TEXT:
    case LCAP_CELL_JSON:
        break;
    }
    return PARQUET_TEXT;
}

static uint32_t lists_of(enum lcap_cell_kind kind)
{
    return kind == LCAP_CELL_NESTED ? 2 : kind == LCAP_CELL_SERIES;
}

int parquet_column_init(struct parquet_column *column, const struct lcap_column *from, size_t room,
                        struct lcap_error *error)
{
    *column = (struct parquet_column){
        .name = from->name,
        .type = type_of(from->kind),
        .is_unsigned = from->kind == LCAP_CELL_UNSIGNED,
        .lists = lists_of(from->kind),
    };
    return buffer_reserve(&column->values, room, error);
}

static int add_number(struct parquet_column *column, uint64_t bits, struct lcap_error *error)
{
    struct buffer *values = &column->values;
    const int rc = table_room(values, sizeof bits, error);
    if (rc < 0)
        return rc;
    store64(values->data + values->len, bits, false);
    values->len += sizeof bits;
    column->value_count++;
    return LCAP_OK;
}

static int add_text(struct parquet_column *column, const struct cell_view *cell,
                    struct lcap_error *error)
{
    struct buffer *values = &column->values;
    const int rc = table_room(values, sizeof cell->text_len + cell->text_len, error);
    if (rc < 0)
        return rc;
    store32(values->data + values->len, cell->text_len, false);
    values->len += sizeof cell->text_len;
    table_put(values, cell->value.text, cell->text_len);
    column->value_count++;
    return LCAP_OK;
}

static int add_value(struct parquet_column *column, const struct cell_view *cell,
                     struct lcap_error *error)
{
    if (column->type == PARQUET_TEXT)
        return add_text(column, cell, error);
    const uint8_t truth = cell->value.u != 0;
    column->value_count++;
    return buffer_append(&column->values, &truth, 1, error);
}

/* Takes the numbers of a text such as "60 1500 -3" or "60;1500 -3", which ends in a NUL. */
static int add_series(struct parquet_column *column, const char *text, struct lcap_error *error)
{
    char *end;
    int rc = LCAP_OK;
    for (uint32_t level = 0; *text != '\0' && rc == LCAP_OK;) {
        const intmax_t number = strtoimax(text, &end, 10);
        if (end == text)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "column %s: no integer: '%s'",
                                  column->name, text);
        rc = add_number(column, (uint64_t)number, error);
        if (rc == LCAP_OK)
            rc = parquet_levels_add(&column->definitions, parquet_column_depth(column), 1, error);
        if (rc == LCAP_OK)
            rc = parquet_levels_add(&column->repetitions, level, 1, error);
        level = *end == ';' ? 1 : column->lists;
        text = end + (*end == ' ' || *end == ';');
    }
    return rc;
}

static int add_cell(struct parquet_column *column, const struct cell_view *cell,
                    struct lcap_error *error)
{
    const bool there = cell->form != FORM_NOTHING;
    if (column->lists > 0 && there && cell->text_len > 0)
        return add_series(column, cell->value.text, error);
    int rc = parquet_levels_add(&column->definitions, there, 1, error);
    if (rc == LCAP_OK && column->lists > 0)
        return parquet_levels_add(&column->repetitions, 0, 1, error);
    return rc == LCAP_OK && there ? add_value(column, cell, error) : rc;
}

/* Takes the numbers of rows, or their nothings, up to where the other begins; returns how many. */
static size_t gather_alike(struct buffer *values, const uint8_t **rows, size_t count, bool there)
{
    uint8_t *at = values->data + values->len;
    size_t i = 0;
    for (; i < count && (*rows[i] != FORM_NOTHING) == there; i++) {
        rows[i]++;
        if (there) {
            store64(at, load64(rows[i], HOST_BIG_ENDIAN), false);
            rows[i] += sizeof(uint64_t);
            at += sizeof(uint64_t);
        }
    }
    values->len = (size_t)(at - values->data);
    return i;
}

/* Most columns. */
static int gather_numbers(struct parquet_column *column, const uint8_t **rows, size_t count,
                          struct lcap_error *error)
{
    int rc = table_room(&column->values, count * sizeof(uint64_t), error);
    for (size_t i = 0, alike; i < count && rc == LCAP_OK; i += alike) {
        const bool there = *rows[i] != FORM_NOTHING;
        alike = gather_alike(&column->values, rows + i, count - i, there);
        rc = parquet_levels_add(&column->definitions, there, (uint32_t)alike, error);
        column->value_count += there ? alike : 0;
    }
    return rc;
}

int parquet_column_gather(struct parquet_column *column, const uint8_t **rows, size_t count,
                          struct lcap_error *error)
{
    struct cell_view cell;
    int rc = LCAP_OK;
    if (column->lists == 0 && (column->type == PARQUET_INT64 || column->type == PARQUET_DOUBLE))
        return gather_numbers(column, rows, count, error);
    for (size_t i = 0; i < count && rc == LCAP_OK; i++) {
        rows[i] = cells_next(rows[i], &cell);
        rc = add_cell(column, &cell, error);
    }
    return rc;
}

size_t parquet_column_bytes(const struct parquet_column *column)
{
    return column->values.len + column->definitions.runs.len + column->repetitions.runs.len;
}

void parquet_column_clear(struct parquet_column *column)
{
    parquet_levels_clear(&column->definitions);
    parquet_levels_clear(&column->repetitions);
    buffer_clear(&column->values);
    column->value_count = 0;
}

void parquet_column_release(struct parquet_column *column)
{
    parquet_levels_release(&column->definitions);
    parquet_levels_release(&column->repetitions);
    buffer_release(&column->values);
}
