#include "table/thrift_compact.h"

#include <string.h>

/* The types whose fields have a function of their own. */
enum { TRUE_TYPE = 1, FALSE_TYPE = 2, I8_TYPE = 3, I64_TYPE = 6, LIST_TYPE = 9 };

static void put(struct thrift *t, const void *bytes, size_t len)
{
    if (t->rc == LCAP_OK)
        t->rc = buffer_append(&t->bytes, bytes, len, t->error);
}

static void put_byte(struct thrift *t, uint8_t byte)
{
    put(t, &byte, 1);
}

static void put_varint(struct thrift *t, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_byte(t, (uint8_t)(value | 0x80));
    put_byte(t, (uint8_t)value);
}

/* 0, -1, 1, -2 … become 0, 1, 2, 3 … */
static void put_zigzag(struct thrift *t, int64_t value)
{
    put_varint(t, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

/* The fields of Parquet have numbers below 16, so the difference always fits 4 bits. */
static void put_field(struct thrift *t, int field, int type)
{
    if (field == THRIFT_ELEMENT)
        return;
    put_byte(t, (uint8_t)((field - t->last[t->depth]) << 4 | type));
    t->last[t->depth] = field;
}

void thrift_i8(struct thrift *t, int field, int8_t value)
{
    put_field(t, field, I8_TYPE);
    put_byte(t, (uint8_t)value);
}

void thrift_i32(struct thrift *t, int field, int32_t value)
{
    put_field(t, field, THRIFT_I32);
    put_zigzag(t, value);
}

void thrift_i64(struct thrift *t, int field, int64_t value)
{
    put_field(t, field, I64_TYPE);
    put_zigzag(t, value);
}

void thrift_bool(struct thrift *t, int field, bool value)
{
    put_field(t, field, value ? TRUE_TYPE : FALSE_TYPE);
}

void thrift_binary(struct thrift *t, int field, const void *bytes, size_t len)
{
    put_field(t, field, THRIFT_BINARY);
    put_varint(t, len);
    put(t, bytes, len);
}

void thrift_text(struct thrift *t, int field, const char *text)
{
    thrift_binary(t, field, text, strlen(text));
}

void thrift_list(struct thrift *t, int field, enum thrift_type type, size_t count)
{
    const bool is_short = count < 15;
    put_field(t, field, LIST_TYPE);
    put_byte(t, (uint8_t)((is_short ? count : 15) << 4 | type));
    if (!is_short)
        put_varint(t, count);
}

void thrift_begin(struct thrift *t, int field)
{
    put_field(t, field, THRIFT_STRUCT);
    t->last[++t->depth] = 0;
}

void thrift_end(struct thrift *t)
{
    put_byte(t, 0);
    if (t->depth > 0)
        t->depth--;
}

void thrift_copy(struct thrift *t, const struct buffer *elements)
{
    put(t, elements->data, elements->len);
}
