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

/* ---- cells without text ---- */

/* The form and eight bytes; returns where they end. */
#define VALUE_SIZE (1 + sizeof(uint64_t))

static uint8_t *put_value(uint8_t *at, enum cell_form form, uint64_t value)
{
    *at = (uint8_t)form;
    store64(at + 1, value, HOST_BIG_ENDIAN);
    return at + VALUE_SIZE;
}

static uint8_t *put_nothing(uint8_t *at)
{
    *at = FORM_NOTHING;
    return at + 1;
}

static uint8_t *put_real(uint8_t *at, double value, bool infinity)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isfinite(value) || (infinity && isinf(value)) ? put_value(at, FORM_REAL, bits)
                                                         : put_nothing(at);
}

static uint8_t *put_seconds(uint8_t *at, int64_t ns)
{
    const uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    const double seconds = exact_ratio(size, NS_PER_SECOND);
    return put_real(at, ns < 0 ? -seconds : seconds, false);
}

static inline bool is_unsigned_as_text(const struct lcap_column *column, uint64_t value,
                                       struct cells_style style)
{
    return (style.xlsx && value > MAX_XLSX_INTEGER) ||
           (!style.typed && cells_are_sample_ids(column));
}

static inline bool is_signed_as_text(int64_t value, struct cells_style style)
{
    const int64_t limit = (int64_t)MAX_XLSX_INTEGER;
    return style.xlsx && (value > limit || value < -limit);
}

static inline bool is_real_as_text(double value, struct cells_style style)
{
    return style.xlsx && style.infinity && isinf(value);
}

/* Most cells of Parquet, without a branch for those that are empty, for they come and go: NULL for
 * kinds that need a closer look, and for numbers that may not be finite. */
static inline uint8_t *put_plain(uint8_t *at, const struct lcap_cell *cell)
{
    static const struct {
        uint8_t form, size;
    } plain[] = {
        [LCAP_CELL_EMPTY] = {FORM_NOTHING, 1},
        [LCAP_CELL_UNSIGNED] = {FORM_UNSIGNED, VALUE_SIZE},
        [LCAP_CELL_SIGNED] = {FORM_SIGNED, VALUE_SIZE},
        [LCAP_CELL_REAL] = {FORM_REAL, VALUE_SIZE},
        [LCAP_CELL_EXACT] = {FORM_REAL, VALUE_SIZE},
        [LCAP_CELL_NESTED] = {0, 0},
    };
    const uint64_t infinite = UINT64_C(0x7FF)
                              << 52; /* the exponent of a double that is not finite */
    const uint8_t form = plain[cell->kind].form, size = plain[cell->kind].size;
    if (size == 0 || ((cell->value.u & infinite) == infinite && form == FORM_REAL))
        return NULL;
    put_value(at, form, cell->value.u);
    return at + size;
}

/* Returns where the cell ends, or NULL for one that is text in this style. There is room. */
static inline uint8_t *put_cell(uint8_t *at, struct cells_style style,
                                const struct lcap_column *column, const struct lcap_cell *cell)
{
    uint8_t *plain = style.typed ? put_plain(at, cell) : NULL;
    if (plain)
        return plain;
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
        return is_unsigned_as_text(column, cell->value.u, style)
                   ? NULL
                   : put_value(at, FORM_UNSIGNED, cell->value.u);
    case LCAP_CELL_SIGNED:
        return is_signed_as_text(cell->value.i, style)
                   ? NULL
                   : put_value(at, FORM_SIGNED, (uint64_t)cell->value.i);
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        return is_real_as_text(cell->value.real, style)
                   ? NULL
                   : put_real(at, cell->value.real, style.infinity);
    case LCAP_CELL_SECONDS:
        return put_seconds(at, cell->value.i);
    case LCAP_CELL_BOOL:
        return put_value(at, FORM_BOOL, cell->value.truth);
    case LCAP_CELL_TEXT:
    case LCAP_CELL_SERIES:
    case LCAP_CELL_NESTED:
        return NULL;
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_JSON: /* refused when the table is opened */
        break;
    }
    return put_nothing(at);
}

/* Appends the cells from the i-th on up to the first that is text; returns which that is. */
static inline size_t put_cells(struct buffer *out, const struct table_schema *schema,
                               const struct lcap_row *row, size_t i, struct cells_style style)
{
    uint8_t *at = out->data + out->len;
    for (; i < schema->count; i++) {
        uint8_t *end = put_cell(at, style, schema->columns[i], &row->cells[schema->cells[i]]);
        if (!end)
            break;
        at = end;
    }
    out->len = (size_t)(at - out->data);
    return i;
}

/* ---- cells of text ---- */

static int put_text(struct buffer *out, const struct lcap_cell *cell, struct cells_style style,
                    struct lcap_error *error)
{
    char digits[NUMBER_TEXT];
    switch (cell->kind) {
    case LCAP_CELL_UNSIGNED:
        return cells_encode_text(out, digits, number_from_unsigned(cell->value.u, digits), false,
                                 error);
    case LCAP_CELL_SIGNED:
        return cells_encode_text(out, digits, number_from_signed(cell->value.i, digits), false,
                                 error);
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        return cell->value.real < 0 ? cells_encode_text(out, "-inf", 4, false, error)
                                    : cells_encode_text(out, "inf", 3, false, error);
    default:
        return cells_encode_text(out, cell->value.text, cell->text_len, style.xlsx, error);
    }
}

/* ---- rows ---- */

/* The byte count at the beginning of a row. */
#define ROW_LENGTH sizeof(uint64_t)

/* At the end of a row with types: eight bytes may be read behind any cell. */
static const uint8_t padding[sizeof(uint64_t)];

/* A function of its own for each style. */
static inline int encode(struct table_encoder *encoder, const struct lcap_row *row,
                         struct cells_style style, struct lcap_error *error)
{
    const struct table_schema *schema = encoder->schema;
    struct buffer *out = &encoder->buffer;
    const size_t start = out->len;
    int rc = table_room(out, ROW_LENGTH + schema->count * VALUE_SIZE, error);
    if (rc < 0)
        return rc;
    out->len += ROW_LENGTH;
    size_t i = put_cells(out, schema, row, 0, style);
    while (i < schema->count && rc == LCAP_OK) {
        rc = put_text(out, &row->cells[schema->cells[i++]], style, error);
        if (rc == LCAP_OK)
            rc = table_room(out, (schema->count - i) * VALUE_SIZE, error);
        if (rc == LCAP_OK)
            i = put_cells(out, schema, row, i, style);
    }
    if (rc == LCAP_OK && style.typed)
        rc = buffer_append(out, padding, sizeof padding, error);
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

static bool is_text_cell(enum lcap_cell_kind kind)
{
    return kind == LCAP_CELL_TEXT || kind == LCAP_CELL_SERIES || kind == LCAP_CELL_NESTED ||
           kind == LCAP_CELL_JSON;
}

static bool check_cell(struct cursor *in, enum lcap_cell_kind kind)
{
    const uint8_t *len, *text;
    uint8_t form;
    if (!cursor_take8(in, &form))
        return false;
    if (form == FORM_NOTHING)
        return true;
    if (!is_text_cell(kind))
        return form < FORM_TEXT && cursor_take(in, sizeof(uint64_t));
    if (form != FORM_TEXT || !(len = cursor_take(in, sizeof(uint32_t))))
        return false;
    const size_t size = load32(len, HOST_BIG_ENDIAN);
    return (text = cursor_take(in, size + 1)) && text[size] == '\0';
}

bool cells_check(const struct table_schema *schema, const uint8_t *encoded, size_t len)
{
    struct cursor in = {.at = encoded, .left = len};
    const uint8_t *head;
    bool good = true;
    while (good && in.left > 0 && (head = cursor_take(&in, ROW_LENGTH))) {
        const uint64_t size = load64(head, HOST_BIG_ENDIAN);
        struct cursor row = {.at = in.at, .left = (size_t)size};
        good = size <= in.left;
        for (size_t i = 0; i < schema->count && good; i++)
            good = check_cell(&row, schema->columns[i]->kind);
        good = good && row.left == sizeof padding && cursor_take(&in, (size_t)size);
    }
    return good && in.left == 0;
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
