/* Replaces the numbers of labels in rows. */
#include "arrays/shards/array_renumber.h"

#include "arrays/array_form.h"
#include "base/bytes.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "table/table_cells.h"
#include <string.h>

enum { ROWS, LENGTHS }; /* the buffers */

int array_renumber_note(struct array_encoded *encoded, size_t len, struct lcap_error *error)
{
    uint8_t bytes[sizeof(uint64_t)];
    store64(bytes, len, false);
    return buffer_append(&encoded->buffers[LENGTHS], bytes, sizeof bytes, error);
}

/* The column of the number, which is the only one of numbers that such a form has. */
static size_t column_of(const struct array_form *form)
{
    size_t column = 0;
    while (form->columns[column].kind != LCAP_CELL_UNSIGNED)
        column++;
    return column;
}

/* ---- y ---- */

static int renumber_y(struct buffer *y, const uint32_t *numbers, size_t count)
{
    for (size_t at = 0; at < y->len; at += sizeof(uint64_t)) {
        const uint64_t number = load64(y->data + at, false);
        if (number >= count)
            return LCAP_ERR_FORMAT;
        store64(y->data + at, numbers[number], false);
    }
    return LCAP_OK;
}

/* ---- cells ---- */

static int renumber_cells(struct buffer *rows, size_t column, const uint32_t *numbers, size_t count)
{
    struct cell_view cell;
    for (size_t at = 0; at < rows->len;) {
        uint8_t *row = rows->data + at + sizeof(uint64_t);
        const uint8_t *next = row;
        for (size_t i = 0; i < column; i++)
            next = cells_next(next, &cell);
        uint8_t *value = row + (next - row) + 1;
        cells_next(next, &cell);
        if (cell.form != FORM_UNSIGNED || cell.value.u >= count)
            return LCAP_ERR_FORMAT;
        store64(value, numbers[cell.value.u], HOST_BIG_ENDIAN);
        at += sizeof(uint64_t) + (size_t)load64(rows->data + at, HOST_BIG_ENDIAN);
    }
    return LCAP_OK;
}

/* ---- text ---- */

/* Columns before the number have the same text in all rows, without a separator. */
static const char *find_number(const char *row, size_t len, size_t column, char separator)
{
    const char *at = row;
    for (size_t i = 0; i < column && at; i++) {
        at = memchr(at, separator, len - (size_t)(at - row));
        at = at ? at + 1 : NULL;
    }
    return at;
}

static int renumber_line(struct buffer *out, const char *row, size_t len, const char *digits,
                         const uint32_t *numbers, size_t count, struct lcap_error *error)
{
    char text[U64_TEXT];
    uint64_t number;
    bool fits;
    const size_t left = len - (size_t)(digits - row);
    const size_t used = text_leading_u64(digits, left, &number, &fits);
    if (used == 0 || !fits || number >= count)
        return LCAP_ERR_FORMAT;
    int rc = buffer_append(out, row, (size_t)(digits - row), error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, text, number_from_unsigned(numbers[number], text), error);
    return rc == LCAP_OK ? buffer_append(out, digits + used, left - used, error) : rc;
}

static int renumber_lines(struct array_encoded *encoded, struct buffer *out, size_t column,
                          char separator, const uint32_t *numbers, size_t count,
                          struct lcap_error *error)
{
    const struct buffer *rows = &encoded->buffers[ROWS], *lengths = &encoded->buffers[LENGTHS];
    size_t at = 0;
    int rc = LCAP_OK;
    for (size_t i = 0; i + sizeof(uint64_t) <= lengths->len && rc == LCAP_OK; i += 8) {
        const uint64_t len = load64(lengths->data + i, false);
        const char *row = (const char *)rows->data + at;
        if (len > rows->len - at)
            return LCAP_ERR_FORMAT;
        const char *digits = find_number(row, (size_t)len, column, separator);
        rc = digits ? renumber_line(out, row, (size_t)len, digits, numbers, count, error)
                    : LCAP_ERR_FORMAT;
        at += (size_t)len;
    }
    return rc == LCAP_OK && at != rows->len ? LCAP_ERR_FORMAT : rc;
}

static int renumber_rows(const struct array_output *output, struct array_encoded *encoded,
                         const uint32_t *numbers, size_t count, struct lcap_error *error)
{
    const size_t column = column_of(output->settings->form);
    const struct table_class *table = output->class->table;
    struct buffer made = {0};
    if (!table->text)
        return renumber_cells(&encoded->buffers[ROWS], column, numbers, count);
    const int rc = renumber_lines(encoded, &made, column, table == &table_tsv ? '\t' : ',', numbers,
                                  count, error);
    buffer_release(&encoded->buffers[ROWS]);
    encoded->buffers[ROWS] = made;
    return rc;
}

int array_renumber(const struct array_output *output, struct array_encoded *encoded,
                   const uint32_t *numbers, size_t count, struct lcap_error *error)
{
    if (!output->class->table)
        return renumber_y(&encoded->buffers[ARRAY_Y], numbers, count);
    return output->settings->form->numbers_labels
               ? renumber_rows(output, encoded, numbers, count, error)
               : LCAP_OK;
}
