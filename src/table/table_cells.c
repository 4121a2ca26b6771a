/*
 * Rows as cells. A row is the number of its bytes followed by its cells. A cell is
 * a byte for the form, then the value; text is preceded by its length.
 */
#include "table/table_cells.h"

#include "base/bytes.h"
#include "base/number/exact.h"
#include "base/text/text.h"
#include "table/table_internal.h"
#include <math.h>
#include <string.h>

/* Integers up to this are exact as doubles, the only numbers of XLSX. */
#define MAX_XLSX_INTEGER ((uint64_t)1 << 53)

bool cells_are_sample_ids(const struct lcap_column *column)
{
    return column->kind == LCAP_CELL_UNSIGNED && strcmp(column->name, "sample_id") == 0;
}

/* The form and eight bytes. */
static void put_value(struct buffer *out, enum cell_form form, uint64_t value)
{
    table_put_byte(out, (char)form);
    store64(out->data + out->len, value, HOST_BIG_ENDIAN);
    out->len += sizeof value;
}

static void put_real(struct buffer *out, double value, bool infinity)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (isfinite(value) || (infinity && isinf(value)))
        put_value(out, FORM_REAL, bits);
    else
        table_put_byte(out, FORM_NOTHING);
}

static void put_seconds(struct buffer *out, int64_t ns)
{
    uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    double seconds = exact_ratio(size, NS_PER_SECOND);
    put_real(out, ns < 0 ? -seconds : seconds, false);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Text that XLSX would read as an escape, "_x0041_" (ECMA-376 part 1, 22.9.2.19, ST_Xstring). */
static bool looks_escaped(const char *text, size_t left)
{
    return left >= 7 && text[1] == 'x' && is_hex(text[2]) && is_hex(text[3]) && is_hex(text[4]) &&
           is_hex(text[5]) && text[6] == '_';
}

/*
 * NUL, U+FFFE and U+FFFF are not allowed in XML 1.0 (section 2.2);
 * libxlsxwriter escapes the rest.
 */
static size_t length_of_no_xml(const char *text, size_t left)
{
    if (text[0] == '\0')
        return 1;
    return left >= 3 && memcmp(text, "\xEF\xBF", 2) == 0 && (uint8_t)text[2] >= 0xBE ? 3 : 0;
}

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
static const char underscore[] = "_x005F_";

/* Appends text that is valid UTF-8. */
static void put_good_text(struct buffer *out, const char *text, size_t len, bool xlsx)
{
    if (!xlsx) {
        table_put(out, text, len);
        return;
    }
    for (size_t at = 0; at < len;) {
        size_t bad = length_of_no_xml(text + at, len - at);
        if (bad > 0)
            table_put(out, replacement, 3);
        else if (text[at] == '_' && looks_escaped(text + at, len - at))
            table_put(out, underscore, 7);
        else
            table_put_byte(out, text[at]);
        at += bad > 0 ? bad : 1;
    }
}

int cells_encode_text(struct buffer *out, const char *text, size_t len, bool xlsx,
                      struct lcap_error *error)
{
    /*
     * A byte becomes three at most; an underscore becomes seven, but six
     * unchanged bytes follow it.
     */
    int rc = table_room(out, 1 + sizeof(uint32_t) + 3 * len + 1, error);
    if (rc < 0)
        return rc;
    size_t start = out->len;
    out->len += 1 + sizeof(uint32_t);
    size_t text_start = out->len;
    for (size_t at = 0; at < len;) {
        size_t good = text_utf8_valid_length(text + at, len - at);
        put_good_text(out, text + at, good, xlsx);
        at += good;
        if (at < len) {
            table_put(out, replacement, 3);
            at++;
        }
    }
    size_t text_len = out->len - text_start;
    if (text_len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "text of %zu bytes is too long", len);
    table_put_byte(out, '\0');
    out->data[start] = FORM_TEXT;
    store32(out->data + start + 1, (uint32_t)text_len, HOST_BIG_ENDIAN);
    return LCAP_OK;
}

/* What differs between the formats. */
struct cells_style {
    bool xlsx;
    bool typed;    /* Parquet: columns hold any integer and any number */
    bool infinity; /* infinite numbers are defined: text in XLSX */
};

static int put_digits(struct buffer *out, const struct lcap_cell *cell, struct lcap_error *error)
{
    char digits[NUMBER_TEXT];
    size_t len = cell->kind == LCAP_CELL_UNSIGNED ? number_from_unsigned(cell->value.u, digits)
                                                  : number_from_signed(cell->value.i, digits);
    return cells_encode_text(out, digits, len, false, error);
}

static bool is_integer_as_text(const struct lcap_column *column, const struct lcap_cell *cell,
                               struct cells_style style)
{
    if (cell->kind == LCAP_CELL_UNSIGNED)
        return (style.xlsx && cell->value.u > MAX_XLSX_INTEGER) ||
               (!style.typed && cells_are_sample_ids(column));
    int64_t limit = (int64_t)MAX_XLSX_INTEGER;
    return style.xlsx && (cell->value.i > limit || cell->value.i < -limit);
}

static int put_integer(struct buffer *out, const struct lcap_column *column,
                       const struct lcap_cell *cell, struct cells_style style,
                       struct lcap_error *error)
{
    if (is_integer_as_text(column, cell, style))
        return put_digits(out, cell, error);
    if (cell->kind == LCAP_CELL_UNSIGNED)
        put_value(out, FORM_UNSIGNED, cell->value.u);
    else
        put_value(out, FORM_SIGNED, (uint64_t)cell->value.i);
    return LCAP_OK;
}

static bool is_infinite(const struct lcap_cell *cell)
{
    return (cell->kind == LCAP_CELL_REAL || cell->kind == LCAP_CELL_EXACT) &&
           isinf(cell->value.real);
}

static int put_infinity(struct buffer *out, double value, struct lcap_error *error)
{
    const char *text = value < 0 ? "-inf" : "inf";
    return cells_encode_text(out, text, strlen(text), true, error);
}

static int put_cell(struct buffer *out, struct cells_style style, const struct lcap_column *column,
                    const struct lcap_cell *cell, struct lcap_error *error)
{
    if (style.xlsx && style.infinity && is_infinite(cell))
        return put_infinity(out, cell->value.real, error);
    int rc = table_room(out, 1 + sizeof(uint64_t), error);
    if (rc < 0)
        return rc;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
    case LCAP_CELL_SIGNED:
        return put_integer(out, column, cell, style, error);
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        put_real(out, cell->value.real, style.infinity);
        break;
    case LCAP_CELL_SECONDS:
        put_seconds(out, cell->value.i);
        break;
    case LCAP_CELL_BOOL:
        put_value(out, FORM_BOOL, cell->value.truth);
        break;
    case LCAP_CELL_TEXT:
    case LCAP_CELL_SERIES:
    case LCAP_CELL_NESTED:
        return cells_encode_text(out, cell->value.text, cell->text_len, style.xlsx, error);
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_JSON: /* refused when the table is opened */
        table_put_byte(out, FORM_NOTHING);
        break;
    }
    return LCAP_OK;
}

/* The byte count at the beginning of a row. */
#define ROW_LENGTH sizeof(uint64_t)

static int encode(struct table_encoder *encoder, const struct lcap_row *row,
                  struct cells_style style, struct lcap_error *error)
{
    const struct table_schema *schema = encoder->schema;
    struct buffer *out = &encoder->buffer;
    size_t start = out->len;
    int rc = table_room(out, ROW_LENGTH, error);
    if (rc < 0)
        return rc;
    out->len += ROW_LENGTH;
    for (size_t i = 0; i < schema->count && rc == LCAP_OK; i++)
        rc = put_cell(out, style, schema->columns[i], &row->cells[schema->cells[i]], error);
    store64(out->data + start, out->len - start - ROW_LENGTH, HOST_BIG_ENDIAN);
    return rc;
}

int cells_encode(struct table_encoder *encoder, const struct lcap_row *row,
                 struct lcap_error *error)
{
    return encode(encoder, row, (struct cells_style){0}, error);
}

int cells_encode_xlsx(struct table_encoder *encoder, const struct lcap_row *row,
                      struct lcap_error *error)
{
    const struct cells_style style = {.xlsx = true,
                                      .infinity = table_dialect_of(encoder->schema)->infinity};
    return encode(encoder, row, style, error);
}

int cells_encode_typed(struct table_encoder *encoder, const struct lcap_row *row,
                       struct lcap_error *error)
{
    const struct cells_style style = {.typed = true,
                                      .infinity = table_dialect_of(encoder->schema)->infinity};
    return encode(encoder, row, style, error);
}

/* How many bytes a row has, including its length; `len` bytes of it are there, at least the length
 * itself. */
static size_t row_size(const uint8_t *row, size_t len)
{
    return len < ROW_LENGTH ? ROW_LENGTH : ROW_LENGTH + (size_t)load64(row, HOST_BIG_ENDIAN);
}

/* Adds to the incomplete row; *taken: how many bytes it used. */
static int add_to_pending(struct buffer *pending, const uint8_t *encoded, size_t len, size_t *taken,
                          struct lcap_error *error)
{
    *taken = 0;
    /* Twice: the length, then the bytes that it announces. */
    for (int step = 0; step < 2; step++) {
        size_t missing = row_size(pending->data, pending->len) - pending->len;
        size_t part = missing < len - *taken ? missing : len - *taken;
        int rc = buffer_append(pending, encoded + *taken, part, error);
        if (rc < 0)
            return rc;
        *taken += part;
    }
    return LCAP_OK;
}

int cells_feed(struct cells_feed *feed, const uint8_t *encoded, size_t len, cells_taker *take,
               void *context, struct lcap_error *error)
{
    struct buffer *pending = &feed->pending;
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        size_t used = row_size(encoded, len);
        if (pending->len == 0 && len > ROW_LENGTH && used <= len) {
            rc = take(context, encoded + ROW_LENGTH, error);
        } else {
            rc = add_to_pending(pending, encoded, len, &used, error);
            if (rc == LCAP_OK && pending->len > ROW_LENGTH &&
                pending->len == row_size(pending->data, pending->len)) {
                rc = take(context, pending->data + ROW_LENGTH, error);
                buffer_clear(pending);
            }
        }
        encoded += used;
        len -= used;
    }
    return rc;
}

void cells_feed_release(struct cells_feed *feed)
{
    buffer_release(&feed->pending);
}
