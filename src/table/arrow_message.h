/*
 * The messages of a stream of Arrow: the schema, and batches before their bytes.
 * https://arrow.apache.org/docs/format/Columnar.html (Serialization and Interprocess
 * Communication), Message.fbs, Schema.fbs
 */
#ifndef TABLE_ARROW_MESSAGE_H
#define TABLE_ARROW_MESSAGE_H

#include "table/arrow_column.h"
#include "table/flatbuffer.h"

void arrow_message_schema(struct flatbuffer *f, const struct arrow_column *columns, size_t count);

/* What follows the message: buffers, each of ARROW_PADDED(len) bytes. */
struct arrow_body {
    size_t rows;
    const struct buffer **buffers;
    size_t buffer_count;
};

#define ARROW_PADDED(LEN) (((uint64_t)(LEN) + 7) & ~(uint64_t)7)

void arrow_message_batch(struct flatbuffer *f, const struct arrow_column *columns, size_t count,
                         const struct arrow_body *body);

#endif
