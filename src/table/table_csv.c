/*
 * CSV (RFC 4180), byte for byte as Python's csv module (and so pandas) writes it
 * with QUOTE_MINIMAL: a field is quoted if it contains a comma, a quote or a line
 * end, or if it is empty and the only field of the record. TSV is the same with tabs
 * for commas.
 */
#include "base/bytes.h"
#include "base/text/text.h"
#include "table/table_internal.h"
#include <math.h>
#include <string.h>

static char separator_of(const struct table_schema *schema)
{
    return schema->format == &table_tsv ? '\t' : ',';
}

/* Those that are special are not 0. */
static bytes16 special_bytes(bytes16 bytes, char separator)
{
    return (bytes16)((bytes == (uint8_t)separator) | (bytes == '"') | (bytes == '\n') |
                     (bytes == '\r'));
}

static bool needs_quotes(const char *text, size_t len, char separator)
{
    bytes16 special = {0}, rest = {0};
    for (; len >= sizeof rest; text += sizeof rest, len -= sizeof rest)
        special |= special_bytes(load_bytes16(text), separator);
    if (len > 0) /* an empty text may have no address */
        memcpy(&rest, text, len);
    return any_bytes16(special | special_bytes(rest, separator));
}

static int put_quoted(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    /* Every byte may be a quote, which is doubled. */
    int rc = table_room(out, 2 * len + 2, error);
    if (rc < 0)
        return rc;
    table_put_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            table_put_byte(out, '"');
        table_put_byte(out, text[i]);
    }
    table_put_byte(out, '"');
    return LCAP_OK;
}

static int put_text(const struct table_schema *schema, struct buffer *out, const char *text,
                    size_t len, struct lcap_error *error)
{
    if (needs_quotes(text, len, separator_of(schema)))
        return put_quoted(out, text, len, error);
    int rc = table_room(out, len, error);
    if (rc == LCAP_OK)
        table_put(out, text, len);
    return rc;
}

/* https://owasp.org/www-community/attacks/CSV_Injection */
static bool is_formula(const char *text, size_t len)
{
    return len > 0 && text[0] != '\0' && strchr("=+-@\t\r", text[0]);
}

/* The text of a cell, made safe for those who see it. */
static int put_made_safe(const struct table_schema *schema, struct buffer *out, const char *text,
                         size_t len, struct lcap_error *error)
{
    struct buffer safe = {0};
    int rc = LCAP_OK;
    if (schema->csv_safe && is_formula(text, len))
        rc = buffer_append_text(&safe, "'", error);
    if (rc == LCAP_OK)
        rc = schema->for_terminal ? text_append_escaped(&safe, text, len, error)
                                  : buffer_append(&safe, text, len, error);
    if (rc == LCAP_OK)
        rc = put_text(schema, out, (const char *)safe.data, safe.len, error);
    buffer_release(&safe);
    return rc;
}

static void put_real(const struct table_schema *schema, struct buffer *out, double value,
                     struct number_format format)
{
    char *end = (char *)out->data + out->len;
    if (isfinite(value))
        out->len += number_in_format(value, format, end);
    else if (isinf(value) && table_dialect_of(schema)->infinity)
        out->len += number_from_real(value, end);
}

static void put_bool(const struct table_schema *schema, struct buffer *out, bool value)
{
    static const char texts[2][2][6] = {{"false", "true"}, {"False", "True"}};
    const char *text = texts[table_dialect_of(schema)->capital_booleans][value];
    table_put(out, text, strlen(text));
}

static int put_cell(const struct table_schema *schema, struct buffer *out,
                    const struct lcap_cell *cell, struct lcap_error *error)
{
    static const struct number_format exact;
    int rc = table_room(out, NUMBER_TEXT, error);
    if (rc < 0)
        return rc;
    char *end = (char *)out->data + out->len;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
        out->len += number_from_unsigned(cell->value.u, end);
        break;
    case LCAP_CELL_SIGNED:
        out->len += number_from_signed(cell->value.i, end);
        break;
    case LCAP_CELL_REAL:
        put_real(schema, out, cell->value.real, schema->number_format);
        break;
    case LCAP_CELL_EXACT:
        put_real(schema, out, cell->value.real, exact);
        break;
    case LCAP_CELL_SECONDS:
        out->len += number_from_ns(cell->value.i, end);
        break;
    case LCAP_CELL_BOOL:
        put_bool(schema, out, cell->value.truth);
        break;
    case LCAP_CELL_TEXT:
        if (schema->csv_safe || schema->for_terminal)
            return put_made_safe(schema, out, cell->value.text, cell->text_len, error);
        return put_text(schema, out, cell->value.text, cell->text_len, error);
    case LCAP_CELL_SERIES:
    case LCAP_CELL_NESTED:
        return put_text(schema, out, cell->value.text, cell->text_len, error);
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_JSON: /* refused when the table is opened */
        break;
    }
    return LCAP_OK;
}

/* Turns the separator after the last field into a line end. */
static void end_record(const struct table_schema *schema, struct buffer *out, size_t start)
{
    if (out->len == start + 1 && schema->count == 1) {
        out->len = start;
        table_put(out, "\"\"", 2);
    } else {
        out->len--;
    }
    if (table_dialect_of(schema)->crlf)
        table_put_byte(out, '\r');
    table_put_byte(out, '\n');
}

static int encode(struct table_encoder *encoder, const struct lcap_row *row,
                  struct lcap_error *error)
{
    const struct table_schema *schema = encoder->schema;
    struct buffer *out = &encoder->buffer;
    size_t start = out->len;
    for (size_t i = 0; i < schema->count; i++) {
        int rc = put_cell(schema, out, &row->cells[schema->cells[i]], error);
        if (rc < 0)
            return rc;
        table_put_byte(out, separator_of(schema));
    }
    int rc = table_room(out, 4, error);
    if (rc == LCAP_OK)
        end_record(schema, out, start);
    return rc;
}

static int write_header(struct text_table *table, struct lcap_error *error)
{
    const struct table_schema *schema = table->schema;
    struct buffer header = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < schema->count && rc == LCAP_OK; i++) {
        const char *name = schema->columns[i]->name;
        rc = put_text(schema, &header, name, strlen(name), error);
        if (rc == LCAP_OK)
            table_put_byte(&header, separator_of(schema));
    }
    if (rc == LCAP_OK)
        rc = table_room(&header, 4, error);
    if (rc == LCAP_OK) {
        end_record(schema, &header, 0);
        output_write(table->out, header.data, header.len);
    }
    buffer_release(&header);
    return rc;
}

static int open_csv(struct table **table, const char *path, const struct table_schema *schema,
                    const struct table_options *options, struct lcap_error *error)
{
    struct text_table *made = NULL;
    int rc = text_table_open(&made, path, schema, options, error);
    if (rc < 0)
        return rc;
    if (!table_dialect_of(schema)->header_with_rows)
        rc = write_header(made, error);
    if (rc < 0)
        text_table_discard(&made->base);
    else
        *table = &made->base;
    return rc;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    int rc = LCAP_OK;
    if (!t->has_rows && table_dialect_of(t->schema)->header_with_rows)
        rc = write_header(t, error);
    t->has_rows = true;
    return rc == LCAP_OK ? text_table_append(table, encoded, len, error) : rc;
}

const struct table_class table_csv = {
    .name = "csv",
    .suffixes = {".csv"},
    .by_suffix = true,
    .text = true,
    .encode = encode,
    .open = open_csv,
    .append = append,
    .close = text_table_close,
    .discard = text_table_discard,
};

const struct table_class table_tsv = {
    .name = "tsv",
    .suffixes = {".tsv"},
    .by_suffix = true,
    .text = true,
    .encode = encode,
    .open = open_csv,
    .append = append,
    .close = text_table_close,
    .discard = text_table_discard,
};
