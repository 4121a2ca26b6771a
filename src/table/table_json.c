/*
 * JSON (RFC 8259) and JSON lines, in the layout of Python's json.dumps(), and JSON
 * in that of pandas. Each row of an array is encoded with the comma that separates
 * it from the previous row; the first row loses it when it is appended.
 */
#include "table/json_text.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include <assert.h>
#include <math.h>
#include <string.h>

struct layout {
    const char *open, *between, *colon, *close; /* of a row */
    const char *head, *tail;                    /* of the file */
    const char *empty_tail;                     /* when there are no rows */
};

static const struct layout lines_layout = {
    .open = "{", .between = ", ", .colon = ": ", .close = "}\n", .head = "", .tail = ""};
static const struct layout array_layout = {.open = ",\n{",
                                           .between = ", ",
                                           .colon = ": ",
                                           .close = "}",
                                           .head = "[",
                                           .tail = "\n]\n",
                                           .empty_tail = "]\n"};
static const struct layout pandas_layout = {.open = ",\n  {\n    ",
                                            .between = ",\n    ",
                                            .colon = ":",
                                            .close = "\n  }",
                                            .head = "[",
                                            .tail = "\n]",
                                            .empty_tail = "\n\n]"};

/* Rows that are a single value. */
static const struct layout value_lines_layout = {.open = "", .close = "\n", .head = "", .tail = ""};
static const struct layout value_array_layout = {
    .open = ",\n", .close = "", .head = "[", .tail = "\n]\n", .empty_tail = "]\n"};

static bool is_value_alone(const struct table_schema *schema)
{
    return schema->count == 1 && schema->columns[0]->kind == LCAP_CELL_JSON &&
           schema->columns[0]->name[0] == '\0';
}

static const struct layout *layout_of(const struct table_schema *schema)
{
    bool lines = schema->format == &table_jsonl;
    if (is_value_alone(schema))
        return lines ? &value_lines_layout : &value_array_layout;
    if (lines)
        return &lines_layout;
    return table_dialect_of(schema)->pandas_json ? &pandas_layout : &array_layout;
}

static int put(struct buffer *out, const char *text, struct lcap_error *error)
{
    size_t len = strlen(text);
    int rc = table_room(out, len, error);
    if (rc == LCAP_OK)
        table_put(out, text, len);
    return rc;
}

static int put_real(const struct table_schema *schema, struct buffer *out, double value,
                    struct number_format format, struct lcap_error *error)
{
    if (!isfinite(value))
        return put(out, "null", error);
    char *end = (char *)out->data + out->len;
    const bool pandas = table_dialect_of(schema)->pandas_json && format.conversion == 0;
    out->len += pandas ? json_pandas_real(value, end) : number_in_format(value, format, end);
    return LCAP_OK;
}

/* JSON has no numbers for "nan" and "inf". */
static bool is_json_number(const char *text, size_t len)
{
    size_t digit = len > 0 && text[0] == '-';
    return digit < len && text[digit] >= '0' && text[digit] <= '9';
}

/* Numbers separated by spaces, as an array. */
static int put_series(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    int rc = put(out, "[", error);
    const char *end = text + len;
    while (rc == LCAP_OK && text < end) {
        const char *space = memchr(text, ' ', (size_t)(end - text));
        size_t item = (size_t)((space ? space : end) - text);
        if ((rc = table_room(out, item + strlen("null"), error)) < 0)
            return rc;
        if (is_json_number(text, item))
            table_put(out, text, item);
        else
            table_put(out, "null", 4);
        if (space)
            table_put(out, ", ", 2);
        text = space ? space + 1 : end;
    }
    return rc == LCAP_OK ? put(out, "]", error) : rc;
}

/* Series with semicolons between them. */
static int put_nested(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    const char *end = text + len;
    int rc = put(out, "[", error);
    while (rc == LCAP_OK && text < end) {
        const char *stop = memchr(text, ';', (size_t)(end - text));
        rc = put_series(out, text, (size_t)((stop ? stop : end) - text), error);
        if (rc == LCAP_OK && stop)
            rc = put(out, ", ", error);
        text = stop ? stop + 1 : end;
    }
    return rc == LCAP_OK ? put(out, "]", error) : rc;
}

static int put_pieces(struct table_encoder *encoder, const struct lcap_row *row,
                      struct lcap_error *error)
{
    const char *text;
    size_t len;
    int rc;
    while ((rc = row->pieces(row->pieces_source, &text, &len, error)) == 1) {
        if ((rc = table_room(&encoder->buffer, len, error)) < 0)
            return rc;
        table_put(&encoder->buffer, text, len);
        if ((rc = table_flush_full(encoder, error)) < 0)
            return rc;
    }
    return rc;
}

static int put_json(struct table_encoder *encoder, const struct lcap_row *row,
                    const struct lcap_cell *cell, struct lcap_error *error)
{
    if (!cell->value.text)
        return put_pieces(encoder, row, error);
    int rc = table_room(&encoder->buffer, cell->text_len, error);
    if (rc == LCAP_OK)
        table_put(&encoder->buffer, cell->value.text, cell->text_len);
    return rc;
}

/* JavaScript and jq keep integers only up to 2^53. */
static void put_unsigned(struct buffer *out, const struct lcap_column *column, uint64_t value)
{
    const bool quoted = cells_are_sample_ids(column);
    if (quoted)
        table_put_byte(out, '"');
    out->len += number_from_unsigned(value, (char *)out->data + out->len);
    if (quoted)
        table_put_byte(out, '"');
}

static int put_cell(struct table_encoder *encoder, const struct lcap_row *row, size_t column,
                    struct lcap_error *error)
{
    static const struct number_format exact;
    const struct table_schema *schema = encoder->schema;
    const struct lcap_cell *cell = &row->cells[schema->cells[column]];
    struct buffer *out = &encoder->buffer;
    int rc = table_room(out, NUMBER_TEXT, error);
    if (rc < 0)
        return rc;
    char *end = (char *)out->data + out->len;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
        put_unsigned(out, schema->columns[column], cell->value.u);
        return LCAP_OK;
    case LCAP_CELL_SIGNED:
        out->len += number_from_signed(cell->value.i, end);
        return LCAP_OK;
    case LCAP_CELL_REAL:
        return put_real(schema, out, cell->value.real, schema->number_format, error);
    case LCAP_CELL_EXACT:
        return put_real(schema, out, cell->value.real, exact, error);
    case LCAP_CELL_SECONDS:
        out->len += number_from_ns(cell->value.i, end);
        return LCAP_OK;
    case LCAP_CELL_BOOL:
        return put(out, cell->value.truth ? "true" : "false", error);
    case LCAP_CELL_TEXT:
        return json_text_append(out, cell->value.text, cell->text_len,
                                table_dialect_of(schema)->pandas_json, error);
    case LCAP_CELL_SERIES:
        return put_series(out, cell->value.text, cell->text_len, error);
    case LCAP_CELL_NESTED:
        return put_nested(out, cell->value.text, cell->text_len, error);
    case LCAP_CELL_JSON:
        return put_json(encoder, row, cell, error);
    case LCAP_CELL_EMPTY:
        break;
    }
    return put(out, "null", error);
}

static int put_key(const struct table_schema *schema, const struct layout *layout, size_t column,
                   struct buffer *out, struct lcap_error *error)
{
    const char *name = schema->columns[column]->name;
    int rc = column > 0 ? put(out, layout->between, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc =
            json_text_append(out, name, strlen(name), table_dialect_of(schema)->pandas_json, error);
    return rc == LCAP_OK ? put(out, layout->colon, error) : rc;
}

static int encode(struct table_encoder *encoder, const struct lcap_row *row,
                  struct lcap_error *error)
{
    const struct table_schema *schema = encoder->schema;
    const struct layout *layout = layout_of(schema);
    int rc = put(&encoder->buffer, layout->open, error);
    for (size_t i = 0; i < schema->count && rc == LCAP_OK; i++) {
        if (layout->colon)
            rc = put_key(schema, layout, i, &encoder->buffer, error);
        if (rc == LCAP_OK)
            rc = put_cell(encoder, row, i, error);
    }
    return rc == LCAP_OK ? put(&encoder->buffer, layout->close, error) : rc;
}

static int open_json(struct table **table, const char *path, const struct table_schema *schema,
                     const struct table_options *options, struct lcap_error *error)
{
    struct text_table *made = NULL;
    int rc = text_table_open(&made, path, schema, options, error);
    if (rc < 0)
        return rc;
    const char *head = layout_of(schema)->head;
    output_write(made->out, head, strlen(head));
    *table = &made->base;
    return LCAP_OK;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    if (!t->has_rows && t->schema->format == &table_json) {
        assert(encoded[0] == ',');
        encoded++;
        len--;
    }
    t->has_rows = true;
    return text_table_append(table, encoded, len, error);
}

static int close_json(struct table *table, struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    const struct layout *layout = layout_of(t->schema);
    const char *tail = t->has_rows || !layout->empty_tail ? layout->tail : layout->empty_tail;
    output_write(t->out, tail, strlen(tail));
    return text_table_close(table, error);
}

const struct table_class table_json = {
    .name = "json",
    .suffixes = {".json"},
    .by_suffix = true,
    .text = true,
    .json = true,
    .encode = encode,
    .open = open_json,
    .append = append,
    .close = close_json,
    .discard = text_table_discard,
};

const struct table_class table_jsonl = {
    .name = "jsonl",
    .suffixes = {".jsonl", ".ndjson"},
    .by_suffix = true,
    .text = true,
    .json = true,
    .encode = encode,
    .open = open_json,
    .append = append,
    .close = close_json,
    .discard = text_table_discard,
};
