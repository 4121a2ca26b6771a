/*
 * What every format gives to table.c, and what the text formats share: one file
 * each (table_csv.c, table_json.c, table_xlsx.c, table_sqlite.c, table_aligned.c).
 */
#ifndef TABLE_TABLE_INTERNAL_H
#define TABLE_TABLE_INTERNAL_H

#include "base/io/output.h"
#include "table/table.h"
#include <string.h>

/* As the functions of table.h that bear the same names. `open` sets *table on success only. */
struct table_class {
    int (*encode)(struct table_encoder *encoder, const struct lcap_row *row,
                  struct lcap_error *error);
    int (*open)(struct table **table, const char *path, const struct table_schema *schema,
                const struct table_options *options, struct lcap_error *error);
    int (*append)(struct table *table, const uint8_t *encoded, size_t len,
                  struct lcap_error *error);
    int (*close)(struct table *table, struct lcap_error *error);
    void (*discard)(struct table *table);
};

extern const struct table_class table_csv, table_json, table_xlsx, table_sqlite, table_aligned;

/* What an SQLite table and an XLSX sheet are called unless the caller has a name. */
#define TABLE_DEFAULT_NAME "flows"

/* Begins every table. */
struct table {
    const struct table_class *class;
};

/* A table of text: what is encoded goes out as it is. */
struct text_table {
    struct table base;
    const struct table_schema *schema;
    struct output *out;
    bool has_rows;
};

/* LCAP_ERR_ARGUMENT when the options ask to add to the file. */
int table_refuse_append(const char *path, const struct table_options *options,
                        struct lcap_error *error);

int text_table_open(struct text_table **table, const char *path, const struct table_schema *schema,
                    const struct table_options *options, struct lcap_error *error);
int text_table_append(struct table *table, const uint8_t *encoded, size_t len,
                      struct lcap_error *error);
int text_table_close(struct table *table, struct lcap_error *error);
void text_table_discard(struct table *table);

/* That of the schema, or our own. */
static inline const struct table_dialect *table_dialect_of(const struct table_schema *schema)
{
    static const struct table_dialect own;
    return schema->dialect ? schema->dialect : &own;
}

/* LCAP_ERR_ARGUMENT when a column holds JSON, which `format` has no place for. */
int table_refuse_json(const struct table_schema *schema, const char *format,
                      struct lcap_error *error);

/* Makes room for `len` bytes and for the two that may end a cell or a line behind them. */
static inline int table_room(struct buffer *out, size_t len, struct lcap_error *error)
{
    bool fits = out->data && out->capacity - out->len >= len + 2;
    return fits ? LCAP_OK : buffer_reserve(out, len + 2, error);
}

/* For bytes that table_room() has made room for. */
static inline void table_put(struct buffer *out, const char *bytes, size_t len)
{
    if (len > 0) /* nothing may have no address */
        memcpy(out->data + out->len, bytes, len);
    out->len += len;
}

static inline void table_put_byte(struct buffer *out, char byte)
{
    out->data[out->len++] = (uint8_t)byte;
}

/* Hands the buffer on once it is full. */
static inline int table_flush_full(struct table_encoder *encoder, struct lcap_error *error)
{
    return encoder->buffer.len > TABLE_FLUSH && encoder->flush
               ? encoder->flush(encoder->context, &encoder->buffer, error)
               : LCAP_OK;
}

#endif
