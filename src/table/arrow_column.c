#include "table/arrow_column.h"

#include "table/table_internal.h"
#include <inttypes.h>

static const char *type_of(enum lcap_cell_kind kind)
{
    switch (kind) {
    case LCAP_CELL_UNSIGNED:
        return "L";
    case LCAP_CELL_SIGNED:
        return "l";
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
    case LCAP_CELL_SECONDS:
        return "g";
    case LCAP_CELL_BOOL:
        return "b";
    case LCAP_CELL_SERIES:
        return "+ll";
    case LCAP_CELL_NESTED:
        return "+l+ll";
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_TEXT:
    case LCAP_CELL_JSON:
        break;
    }
    return "u";
}

void arrow_column_init(struct arrow_column *column, const struct lcap_column *from,
                       const char *types)
{
    const char *type = types ? types : type_of(from->kind);
    *column = (struct arrow_column){.name = from->name};
    for (; *type == '+'; type += 2)
        column->lists++;
    column->type = *type;
}

static unsigned size_of(char type)
{
    switch (type) {
    case 'b':
        return 1;
    case 'S':
        return 2;
    case 'I':
        return 4;
    default:
        return 8;
    }
}

/* ---- cells ---- */

static bool is_text(const struct arrow_column *column)
{
    return column->type == 'u';
}

size_t arrow_column_length(const struct arrow_column *column, unsigned level)
{
    if (level == 0)
        return column->rows;
    return level < column->lists ? column->offsets[level].len / sizeof(uint32_t) - 1
                                 : column->value_count;
}

static int put(struct buffer *buffer, uint64_t value, unsigned size, struct lcap_error *error)
{
    uint8_t bytes[sizeof value];
    store64(bytes, value, false);
    return buffer_append(buffer, bytes, size, error);
}

static int put_offset(struct arrow_column *column, unsigned level, size_t offset,
                      struct lcap_error *error)
{
    if (offset > INT32_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "column %s: rows are too long for a batch of Arrow", column->name);
    return put(&column->offsets[level], offset, sizeof(uint32_t), error);
}

static int end_list(struct arrow_column *column, unsigned level, struct lcap_error *error)
{
    return put_offset(column, level, arrow_column_length(column, level + 1), error);
}

static int add_value(struct arrow_column *column, uint64_t value, struct lcap_error *error)
{
    column->value_count++;
    return put(&column->values, value, size_of(column->type), error);
}

static int add_text(struct arrow_column *column, const struct cell_view *cell,
                    struct lcap_error *error)
{
    column->value_count++;
    const int rc = buffer_append(&column->values, cell->value.text, cell->text_len, error);
    return rc == LCAP_OK ? put_offset(column, 0, column->values.len, error) : rc;
}

/* Numbers separated by spaces, and series by semicolons; there is a NUL at the end. */
static int add_series(struct arrow_column *column, const char *text, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (*text != '\0' && rc == LCAP_OK) {
        char *end;
        rc = add_value(column, (uint64_t)strtoimax(text, &end, 10), error);
        if (end == text)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "column %s: no integer: '%s'",
                                  column->name, text);
        if (rc == LCAP_OK && column->lists == 2 && *end != ' ')
            rc = end_list(column, 1, error);
        text = end + (*end != '\0');
    }
    return rc == LCAP_OK ? end_list(column, 0, error) : rc;
}

int arrow_column_add(struct arrow_column *column, const struct cell_view *cell,
                     struct lcap_error *error)
{
    const bool there = cell->form != FORM_NOTHING;
    const int rc = put(&column->there, there, 1, error);
    column->rows++;
    column->nulls += !there;
    if (rc < 0)
        return rc;
    if (column->lists > 0)
        return add_series(column, there ? cell->value.text : "", error);
    return is_text(column) ? add_text(column, cell, error)
                           : add_value(column, cell->value.u, error);
}

/* ---- batches ---- */

int arrow_column_begin(struct arrow_column *column, struct lcap_error *error)
{
    int rc = LCAP_OK;
    column->rows = column->nulls = column->value_count = 0;
    buffer_clear(&column->there);
    buffer_clear(&column->values);
    for (unsigned i = 0; i <= ARROW_LISTS && rc == LCAP_OK; i++) {
        buffer_clear(&column->offsets[i]);
        rc = put_offset(column, i, 0, error);
    }
    return rc;
}

size_t arrow_column_bytes(const struct arrow_column *column)
{
    size_t bytes = column->there.len + column->values.len;
    for (unsigned i = 0; i <= ARROW_LISTS; i++)
        bytes += column->offsets[i].len;
    return bytes;
}

/* From a byte each to a bit each. */
static void pack_bits(struct buffer *truths)
{
    const size_t count = truths->len;
    truths->len = 0;
    for (size_t i = 0; i < count; i += 8) {
        uint8_t bits = 0;
        for (size_t k = 0; k < 8 && i + k < count; k++)
            bits |= (uint8_t)(truths->data[i + k] << k);
        truths->data[truths->len++] = bits;
    }
}

size_t arrow_column_end(struct arrow_column *column, const struct buffer *buffers[ARROW_BUFFERS])
{
    static const struct buffer all_there = {0};
    size_t count = 0;
    pack_bits(&column->there);
    if (column->type == 'b')
        pack_bits(&column->values);
    for (unsigned i = 0; i < column->lists + is_text(column); i++) {
        buffers[count++] = i == 0 && column->nulls > 0 ? &column->there : &all_there;
        buffers[count++] = &column->offsets[i];
    }
    if (!is_text(column))
        buffers[count++] = column->lists == 0 && column->nulls > 0 ? &column->there : &all_there;
    buffers[count++] = &column->values;
    return count;
}

void arrow_column_release(struct arrow_column *column)
{
    buffer_release(&column->there);
    buffer_release(&column->values);
    for (unsigned i = 0; i <= ARROW_LISTS; i++)
        buffer_release(&column->offsets[i]);
}
