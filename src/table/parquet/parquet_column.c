#include "table/parquet/parquet_column.h"

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
    const int rc = buffer_reserve(&column->values, PARQUET_HEADROOM + room, error);
    parquet_column_clear(column);
    return rc;
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
    if (cell->text_len < column->shortest_text)
        column->shortest_text = cell->text_len;
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
            rc = parquet_levels_add(&column->definitions, parquet_column_depth(column), error);
        if (rc == LCAP_OK)
            rc = parquet_levels_add(&column->repetitions, level, error);
        level = *end == ';' ? 1 : column->lists;
        text = end + (*end == ' ' || *end == ';');
    }
    return rc;
}

static int add_list(struct parquet_column *column, const struct cell_view *cell,
                    struct lcap_error *error)
{
    const bool there = cell->form != FORM_NOTHING;
    if (there && cell->text_len > 0)
        return add_series(column, cell->value.text, error);
    const int rc = parquet_levels_add(&column->definitions, there, error);
    return rc == LCAP_OK ? parquet_levels_add(&column->repetitions, 0, error) : rc;
}

static int add_cell(struct parquet_column *column, const struct cell_view *cell,
                    struct lcap_error *error)
{
    const bool there = cell->form != FORM_NOTHING;
    const int rc = parquet_bits_add(&column->present, there, 1, error);
    return rc == LCAP_OK && there ? add_value(column, cell, error) : rc;
}

/* Takes the numbers of the rows; returns a bit for each row that has one. There is no branch for
 * those without, for they come and go: what follows in the row is taken then, and not kept. */
static uint32_t take_numbers(struct buffer *values, const uint8_t **rows, size_t count)
{
    uint8_t *at = values->data + values->len;
    uint32_t present = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *value = rows[i] + 1;
        const uint32_t there = *rows[i] != FORM_NOTHING;
        const size_t len = there * sizeof(uint64_t);
        store64(at, load64(value, HOST_BIG_ENDIAN), false);
        at += len;
        rows[i] = value + len;
        present |= there << i;
    }
    values->len = (size_t)(at - values->data);
    return present;
}

/* Most columns. */
static int gather_numbers(struct parquet_column *column, const uint8_t **rows, size_t count,
                          struct lcap_error *error)
{
    const int rc = table_room(&column->values, (count + 1) * sizeof(uint64_t), error);
    if (rc < 0)
        return rc;
    const uint32_t present = take_numbers(&column->values, rows, count);
    column->value_count += (size_t)__builtin_popcount(present);
    return parquet_bits_add(&column->present, present, (unsigned)count, error);
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
        rc = column->lists > 0 ? add_list(column, &cell, error) : add_cell(column, &cell, error);
    }
    return rc;
}

size_t parquet_column_bytes(const struct parquet_column *column)
{
    return parquet_column_values(column).len + column->present.bytes.len +
           column->definitions.runs.len + column->repetitions.runs.len;
}

void parquet_column_clear(struct parquet_column *column)
{
    parquet_bits_clear(&column->present);
    parquet_levels_clear(&column->definitions);
    parquet_levels_clear(&column->repetitions);
    column->values.len = PARQUET_HEADROOM;
    column->value_count = 0;
    column->shortest_text = UINT32_MAX;
}

void parquet_column_release(struct parquet_column *column)
{
    parquet_bits_release(&column->present);
    parquet_levels_release(&column->definitions);
    parquet_levels_release(&column->repetitions);
    buffer_release(&column->values);
}
