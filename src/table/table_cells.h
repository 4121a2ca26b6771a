/*
 * Rows as cells, the encoded form of XLSX, SQLite and Parquet: values that do not suit the
 * format are already converted to text or left out, so that the thread that owns
 * the table has little to do.
 */
#ifndef TABLE_TABLE_CELLS_H
#define TABLE_TABLE_CELLS_H

#include "base/bytes.h"
#include "table/table.h"

enum cell_form { FORM_NOTHING, FORM_UNSIGNED, FORM_SIGNED, FORM_REAL, FORM_BOOL, FORM_TEXT };

struct cell_view {
    enum cell_form form;
    uint32_t text_len;
    union {
        uint64_t u; /* also of BOOL: 0 or 1 */
        int64_t i;
        double real;      /* finite but for Parquet */
        const char *text; /* UTF-8, NUL-terminated; a view into the encoded row */
    } value;
};

/* Whether the column holds sampleIDs: numbers by kind, but names in use. */
bool cells_are_sample_ids(const struct lcap_column *column);

int cells_encode(struct table_encoder *encoder, const struct lcap_row *row,
                 struct lcap_error *error);
/* The same for XLSX: with text that it would take for an escape escaped, with integers above 2^53
 * as text, and with infinite numbers as text in dialects that have them. */
int cells_encode_xlsx(struct table_encoder *encoder, const struct lcap_row *row,
                      struct lcap_error *error);
/* The same for Parquet, whose columns have types: sampleIDs stay numbers, and so do infinite
 * numbers in dialects that have them. */
int cells_encode_typed(struct table_encoder *encoder, const struct lcap_row *row,
                       struct lcap_error *error);

/* Appends a cell of text; `xlsx`: escapes what XLSX would take for an escape. */
int cells_encode_text(struct buffer *out, const char *text, size_t len, bool xlsx,
                      struct lcap_error *error);

/* Reads the cell at `at`; returns where the next one begins. */
static inline const uint8_t *cells_next(const uint8_t *at, struct cell_view *cell)
{
    cell->form = (enum cell_form) * at++;
    cell->text_len = 0;
    cell->value.u = 0;
    if (cell->form == FORM_NOTHING)
        return at;
    if (cell->form == FORM_TEXT) {
        cell->text_len = load32(at, HOST_BIG_ENDIAN);
        cell->value.text = (const char *)at + sizeof(uint32_t);
        return at + sizeof(uint32_t) + cell->text_len + 1;
    }
    cell->value.u = load64(at, HOST_BIG_ENDIAN);
    return at + sizeof cell->value;
}

/* Whether these are whole rows, with cells that fit the columns as cells_encode_typed() makes them.
 */
bool cells_check(const struct table_schema *schema, const uint8_t *encoded, size_t len);

/* Reassembles encoded rows that were cut anywhere. All zero: nothing so far. */
struct cells_feed {
    struct buffer pending; /* the beginning of a row */
};

/* Takes the first cell of a row. */
typedef int cells_taker(void *context, const uint8_t *cells, struct lcap_error *error);

/* Passes every row that is now complete to `take`. */
int cells_feed(struct cells_feed *feed, const uint8_t *encoded, size_t len, cells_taker *take,
               void *context, struct lcap_error *error);
void cells_feed_release(struct cells_feed *feed);

#endif
