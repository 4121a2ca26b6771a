/*
 * A stream of Arrow (https://arrow.apache.org/docs/format/Columnar.html), by a writer of
 * our own. Types are named as in its C data interface: "L" is uint64, "+lS" a list of uint16.
 */
#include "base/memory.h"
#include "table/arrow_message.h"
#include "table/table_internal.h"
#include <stdlib.h>

/* Of the cells of a batch. */
#define BATCH_BYTES (4 << 20)

struct arrow_table {
    struct table base;
    struct output *out;
    struct arrow_column *columns;
    size_t column_count;
    const struct buffer **buffers; /* of a batch */
    struct cells_feed feed;
    size_t rows; /* of this batch */
};

static void release(struct arrow_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        arrow_column_release(&t->columns[i]);
    output_discard(t->out);
    cells_feed_release(&t->feed);
    free(t->columns);
    free(t->buffers);
    free(t);
}

/* ---- messages ---- */

static void write_number(struct arrow_table *t, uint32_t number)
{
    uint8_t bytes[sizeof number];
    store32(bytes, number, false);
    output_write(t->out, bytes, sizeof bytes);
}

static void write_padded(struct arrow_table *t, const struct buffer *bytes)
{
    static const uint8_t zeros[8];
    if (bytes->len > 0)
        output_write(t->out, bytes->data, bytes->len);
    output_write(t->out, zeros, (size_t)ARROW_PADDED(bytes->len) - bytes->len);
}

/* Takes over the message. */
static int write_message(struct arrow_table *t, struct flatbuffer *message)
{
    const int rc = message->rc;
    if (rc == LCAP_OK) {
        write_number(t, UINT32_MAX);
        write_number(t, (uint32_t)ARROW_PADDED(message->bytes.len));
        write_padded(t, &message->bytes);
    }
    buffer_release(&message->bytes);
    return rc;
}

static int begin_batch(struct arrow_table *t, struct lcap_error *error)
{
    int rc = LCAP_OK;
    t->rows = 0;
    for (size_t i = 0; i < t->column_count && rc == LCAP_OK; i++)
        rc = arrow_column_begin(&t->columns[i], error);
    return rc;
}

static int write_batch(struct arrow_table *t, struct lcap_error *error)
{
    struct flatbuffer message = {.error = error};
    struct arrow_body body = {.rows = t->rows, .buffers = t->buffers};
    for (size_t i = 0; i < t->column_count; i++)
        body.buffer_count += arrow_column_end(&t->columns[i], t->buffers + body.buffer_count);
    arrow_message_batch(&message, t->columns, t->column_count, &body);
    const int rc = write_message(t, &message);
    for (size_t i = 0; i < body.buffer_count && rc == LCAP_OK; i++)
        write_padded(t, body.buffers[i]);
    return rc == LCAP_OK ? begin_batch(t, error) : rc;
}

/* ---- the table ---- */

static int make_columns(struct arrow_table *t, const struct table_schema *schema,
                        struct lcap_error *error)
{
    t->columns = memory_new(schema->count, sizeof *t->columns, error);
    t->buffers = memory_new(schema->count * ARROW_BUFFERS, sizeof *t->buffers, error);
    if (!t->columns || !t->buffers)
        return LCAP_ERR_MEMORY;
    t->column_count = schema->count;
    for (size_t i = 0; i < schema->count; i++)
        arrow_column_init(&t->columns[i], schema->columns[i],
                          schema->types ? schema->types[i] : NULL);
    return begin_batch(t, error);
}

static int open_stream(struct arrow_table *t, const char *path, const struct table_options *options,
                       struct lcap_error *error)
{
    const struct output_options output = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    struct flatbuffer message = {.error = error};
    const int rc = output_open(&t->out, path, &output, error);
    if (rc < 0)
        return rc;
    arrow_message_schema(&message, t->columns, t->column_count);
    return write_message(t, &message);
}

static int open_arrow(struct table **table, const char *path, const struct table_schema *schema,
                      const struct table_options *options, struct lcap_error *error)
{
    struct arrow_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    int rc = make_columns(t, schema, error);
    if (rc == LCAP_OK)
        rc = open_stream(t, path, options, error);
    if (rc < 0)
        release(t);
    else
        *table = &t->base;
    return rc;
}

static size_t gathered_bytes(const struct arrow_table *t)
{
    size_t bytes = 0;
    for (size_t i = 0; i < t->column_count; i++)
        bytes += arrow_column_bytes(&t->columns[i]);
    return bytes;
}

static int add_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct arrow_table *t = context;
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->column_count && rc == LCAP_OK; i++) {
        struct cell_view cell;
        cells = cells_next(cells, &cell);
        rc = arrow_column_add(&t->columns[i], &cell, error);
    }
    t->rows++;
    return rc == LCAP_OK && gathered_bytes(t) >= BATCH_BYTES ? write_batch(t, error) : rc;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct arrow_table *t = (struct arrow_table *)table;
    return cells_feed(&t->feed, encoded, len, add_row, t, error);
}

static int close_arrow(struct table *table, struct lcap_error *error)
{
    struct arrow_table *t = (struct arrow_table *)table;
    int rc = t->rows > 0 ? write_batch(t, error) : LCAP_OK;
    if (rc == LCAP_OK) {
        write_number(t, UINT32_MAX); /* the end of the stream */
        write_number(t, 0);
        rc = output_close(t->out, error);
        t->out = NULL;
    }
    release(t);
    return rc;
}

static void discard(struct table *table)
{
    release((struct arrow_table *)table);
}

const struct table_class table_arrow = {
    .name = "arrow",
    .suffixes = {".arrow"},
    .encode = cells_encode_typed,
    .open = open_arrow,
    .append = append,
    .check = cells_check,
    .close = close_arrow,
    .discard = discard,
};
