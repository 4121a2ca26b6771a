/* What the formats share; each has a file of its own, such as table_csv.c. */
#ifndef TABLE_TABLE_INTERNAL_H
#define TABLE_TABLE_INTERNAL_H

#include "base/io/output.h"
#include "table/table.h"
#include <string.h>

/* The default name of an SQLite table and an XLSX sheet. */
#define TABLE_DEFAULT_NAME "flows"

/* The beginning of every table. */
struct table {
    const struct table_class *class;
};

/* A table of text: encoded rows are written as they are. */
struct text_table {
    struct table base;
    const struct table_schema *schema;
    struct output *out;
    bool has_rows;
    size_t width;       /* to which lines are cut; 0 = no limit */
    struct buffer line; /* the beginning of the one to be cut */
};

int text_table_open(struct text_table **table, const char *path, const struct table_schema *schema,
                    const struct table_options *options, struct lcap_error *error);
int text_table_append(struct table *table, const uint8_t *encoded, size_t len,
                      struct lcap_error *error);
int text_table_close(struct table *table, struct lcap_error *error);
void text_table_discard(struct table *table);

/* The dialect of the schema, or our own. */
static inline const struct table_dialect *table_dialect_of(const struct table_schema *schema)
{
    static const struct table_dialect own;
    return schema->dialect ? schema->dialect : &own;
}

/* Makes room for `len` bytes and for two more that may end a cell or a line. */
static inline int table_room(struct buffer *out, size_t len, struct lcap_error *error)
{
    bool fits = out->data && out->capacity - out->len >= len + 2;
    return fits ? LCAP_OK : buffer_reserve(out, len + 2, error);
}

/* For bytes for which table_room() has made room. */
static inline void table_put(struct buffer *out, const char *bytes, size_t len)
{
    if (len > 0) /* an empty text may have no address */
        memcpy(out->data + out->len, bytes, len);
    out->len += len;
}

static inline void table_put_byte(struct buffer *out, char byte)
{
    out->data[out->len++] = (uint8_t)byte;
}

/* Flushes the buffer once it is full. */
static inline int table_flush_full(struct table_encoder *encoder, struct lcap_error *error)
{
    return encoder->buffer.len > TABLE_FLUSH && encoder->flush
               ? encoder->flush(encoder->context, &encoder->buffer, error)
               : LCAP_OK;
}

#endif
