/* Columns in memory. */
#include "python/table/table_columns.h"

#include <stdlib.h>
#include <string.h>

int table_columns_new(struct table_columns **table, size_t count, struct lcap_error *error)
{
    *table = calloc(1, sizeof **table + count * sizeof *(*table)->items);
    if (!*table)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
    (*table)->count = count;
    atomic_init(&(*table)->keepers, 1);
    return LCAP_OK;
}

void table_columns_keep(struct table_columns *table)
{
    atomic_fetch_add(&table->keepers, 1);
}

void table_columns_free(struct table_columns *table)
{
    if (!table || atomic_fetch_sub(&table->keepers, 1) > 1)
        return;
    for (size_t i = 0; i < table->count; i++) {
        free(table->items[i].valid.bytes);
        free(table->items[i].offsets.bytes);
        free(table->items[i].values.bytes);
    }
    free(table);
}

static int append(struct growing *to, const void *bytes, size_t len, struct lcap_error *error)
{
    if (len > to->capacity - to->len) {
        const size_t grown = to->len + len + to->capacity / 2 + 64;
        uint8_t *moved = grown > to->len ? realloc(to->bytes, grown) : NULL;
        if (!moved)
            return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
        to->bytes = moved;
        to->capacity = grown;
    }
    if (len > 0)
        memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
    return LCAP_OK;
}

static int append_bit(struct growing *to, size_t row, bool bit, struct lcap_error *error)
{
    const uint8_t none = 0;
    const int rc = row % 8 == 0 ? append(to, &none, 1, error) : LCAP_OK;
    if (rc == LCAP_OK && bit)
        to->bytes[row / 8] |= (uint8_t)(1u << row % 8);
    return rc;
}

static int append_word(struct growing *to, uint64_t word, struct lcap_error *error)
{
    return append(to, &word, sizeof word, error);
}

/* ---- values ---- */

static uint64_t word_of(double real)
{
    uint64_t word;
    memcpy(&word, &real, sizeof word);
    return word;
}

static int append_pieces(struct growing *to, const struct lcap_row *row, struct lcap_error *error)
{
    const char *text;
    size_t len;
    int rc;
    while ((rc = row->pieces(row->pieces_source, &text, &len, error)) == 1)
        if (append(to, text, len, error) < 0)
            return LCAP_ERR_MEMORY;
    return rc;
}

static int append_text(struct growing *to, const struct lcap_row *row, const struct lcap_cell *cell,
                       struct lcap_error *error)
{
    if (cell->kind == LCAP_CELL_JSON && !cell->value.text)
        return append_pieces(to, row, error);
    return append(to, cell->value.text, cell->text_len, error);
}

/* "60 1500 -3" */
static int append_series(struct growing *to, const struct lcap_cell *cell, struct lcap_error *error)
{
    const char *at = cell->value.text, *end = at + cell->text_len;
    int rc = LCAP_OK;
    while (at < end && rc == LCAP_OK) {
        const bool negative = *at == '-';
        uint64_t number = 0;
        for (at += negative; at < end && *at != ' '; at++)
            number = number * 10 + (uint64_t)(*at - '0');
        rc = append_word(to, negative ? -number : number, error);
        at++;
    }
    return rc;
}

static int append_value(struct table_column *column, const struct lcap_row *row,
                        const struct lcap_cell *cell, struct lcap_error *error)
{
    struct growing *to = &column->values;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
    case LCAP_CELL_SIGNED:
        return append_word(to, cell->value.u, error);
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        return append_word(to, word_of(cell->value.real), error);
    case LCAP_CELL_SECONDS:
        return append_word(to, word_of((double)cell->value.i / 1e9), error);
    case LCAP_CELL_BOOL:
        return append_bit(to, column->rows, cell->value.truth, error);
    case LCAP_CELL_SERIES:
        return append_series(to, cell, error);
    case LCAP_CELL_TEXT:
    case LCAP_CELL_JSON:
    case LCAP_CELL_NESTED: /* not of flows */
        return append_text(to, row, cell, error);
    case LCAP_CELL_EMPTY:
        break;
    }
    return LCAP_OK;
}

static int append_empty(struct table_column *column, struct lcap_error *error)
{
    if (column->about->kind == LCAP_CELL_BOOL)
        return append_bit(&column->values, column->rows, false, error);
    return table_column_is_long(column) ? LCAP_OK : append_word(&column->values, 0, error);
}

/* How many values there are so far, for the offset of the next row. */
static uint64_t offset_of(const struct table_column *column)
{
    const bool is_series = column->about->kind == LCAP_CELL_SERIES;
    return is_series ? column->values.len / sizeof(int64_t) : column->values.len;
}

static int add_cell(struct table_column *column, const struct lcap_row *row,
                    const struct lcap_cell *cell, struct lcap_error *error)
{
    const bool has = cell->kind != LCAP_CELL_EMPTY;
    int rc = append_bit(&column->valid, column->rows, has, error);
    if (rc == LCAP_OK && table_column_is_long(column) && column->rows == 0)
        rc = append_word(&column->offsets, 0, error);
    if (rc == LCAP_OK)
        rc = has ? append_value(column, row, cell, error) : append_empty(column, error);
    if (rc == LCAP_OK && table_column_is_long(column))
        rc = append_word(&column->offsets, offset_of(column), error);
    column->rows++;
    column->nulls += !has;
    return rc;
}

int table_columns_add(struct table_columns *table, const struct lcap_row *row,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < table->count && rc == LCAP_OK; i++)
        rc = add_cell(&table->items[i], row, &row->cells[i], error);
    table->rows++;
    return rc;
}
