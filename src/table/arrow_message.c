#include "table/arrow_message.h"

enum { METADATA_V5 = 4 };                                            /* MetadataVersion */
enum { SCHEMA = 1, RECORD_BATCH = 3 };                               /* MessageHeader */
enum { INT = 2, FLOATING_POINT = 3, UTF8 = 5, BOOL = 6, LIST = 12 }; /* Type */
enum { DOUBLE = 2 };                                                 /* Precision */
enum { STRUCT_LEN = 16 };                                            /* FieldNode, Buffer */

/* Returns where the reference to the header is. */
static size_t put_message(struct flatbuffer *f, unsigned header, uint64_t body_len)
{
    const struct flat_field message[] = {
        {2, METADATA_V5}, {1, header}, FLAT_REFERENCE, {8, body_len}};
    size_t at[FLAT_FIELDS] = {0};
    flat_begin(f);
    flat_table(f, 0, message, sizeof message / sizeof *message, at);
    return at[2];
}

/* ---- Schema ---- */

static void put_integer(struct flatbuffer *f, size_t from, unsigned bits, bool is_signed)
{
    const struct flat_field integer[] = {{4, bits}, {1, is_signed}};
    size_t at[FLAT_FIELDS];
    flat_table(f, from, integer, sizeof integer / sizeof *integer, at);
}

static void put_type(struct flatbuffer *f, size_t from, char type)
{
    const struct flat_field precision = {2, DOUBLE};
    size_t at[FLAT_FIELDS];
    switch (type) {
    case 'S':
        put_integer(f, from, 16, false);
        break;
    case 'I':
        put_integer(f, from, 32, false);
        break;
    case 'L':
    case 'l':
        put_integer(f, from, 64, type == 'l');
        break;
    default:
        flat_table(f, from, &precision, type == 'g', at);
    }
}

static unsigned number_of(char type)
{
    switch (type) {
    case 'b':
        return BOOL;
    case 'g':
        return FLOATING_POINT;
    case 'u':
        return UTF8;
    default:
        return INT;
    }
}

/* Of a column, its lists from the outer one on, or its values. */
static void put_field(struct flatbuffer *f, size_t from, const struct arrow_column *column)
{
    for (unsigned level = 0; level <= column->lists; level++) {
        const bool is_list = level < column->lists;
        const struct flat_field field[] = {
            FLAT_REFERENCE, {1, true}, {1, is_list ? LIST : number_of(column->type)},
            FLAT_REFERENCE, {0, 0},    FLAT_REFERENCE};
        size_t at[FLAT_FIELDS] = {0}, none[FLAT_FIELDS];
        flat_table(f, from, field, sizeof field / sizeof *field, at);
        flat_text(f, at[0], level == 0 ? column->name : "item");
        if (is_list)
            flat_table(f, at[3], NULL, 0, none);
        else
            put_type(f, at[3], column->type);
        from = flat_vector(f, at[5], is_list, 4);
    }
}

void arrow_message_schema(struct flatbuffer *f, const struct arrow_column *columns, size_t count)
{
    const struct flat_field schema[] = {{2, 0}, FLAT_REFERENCE}; /* little-endian */
    size_t at[FLAT_FIELDS] = {0};
    flat_table(f, put_message(f, SCHEMA, 0), schema, sizeof schema / sizeof *schema, at);
    const size_t fields = flat_vector(f, at[1], count, 4);
    for (size_t i = 0; i < count; i++)
        put_field(f, fields + 4 * i, &columns[i]);
}

/* ---- RecordBatch ---- */

static void put_pair(struct flatbuffer *f, size_t at, uint64_t first, uint64_t second)
{
    flat_store(f, at, 8, first);
    flat_store(f, at + 8, 8, second);
}

static void put_nodes(struct flatbuffer *f, size_t from, const struct arrow_column *columns,
                      size_t count)
{
    size_t nodes = 0;
    for (size_t i = 0; i < count; i++)
        nodes += columns[i].lists + 1;
    size_t at = flat_vector(f, from, nodes, STRUCT_LEN);
    for (size_t i = 0; i < count; i++)
        for (unsigned level = 0; level <= columns[i].lists; level++, at += STRUCT_LEN)
            put_pair(f, at, arrow_column_length(&columns[i], level),
                     level == 0 ? columns[i].nulls : 0);
}

static void put_buffers(struct flatbuffer *f, size_t from, const struct arrow_body *body)
{
    const size_t at = flat_vector(f, from, body->buffer_count, STRUCT_LEN);
    uint64_t offset = 0;
    for (size_t i = 0; i < body->buffer_count; i++) {
        put_pair(f, at + i * STRUCT_LEN, offset, body->buffers[i]->len);
        offset += ARROW_PADDED(body->buffers[i]->len);
    }
}

static uint64_t body_len(const struct arrow_body *body)
{
    uint64_t len = 0;
    for (size_t i = 0; i < body->buffer_count; i++)
        len += ARROW_PADDED(body->buffers[i]->len);
    return len;
}

void arrow_message_batch(struct flatbuffer *f, const struct arrow_column *columns, size_t count,
                         const struct arrow_body *body)
{
    const struct flat_field batch[] = {{8, body->rows}, FLAT_REFERENCE, FLAT_REFERENCE};
    size_t at[FLAT_FIELDS] = {0};
    const size_t header = put_message(f, RECORD_BATCH, body_len(body));
    flat_table(f, header, batch, sizeof batch / sizeof *batch, at);
    put_nodes(f, at[1], columns, count);
    put_buffers(f, at[2], body);
}
