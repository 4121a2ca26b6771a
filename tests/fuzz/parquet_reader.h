/*
 * A reader of Parquet that shares nothing with the writer: it aborts at whatever the format does
 * not allow, and passes on the levels and values of each column chunk.
 * https://parquet.apache.org/docs/file-format/
 */
#ifndef FUZZ_PARQUET_READER_H
#define FUZZ_PARQUET_READER_H

#include "scratch_folder.h"
#include <zstd.h>

struct bytes {
    const uint8_t *at, *end;
};

static inline const uint8_t *take(struct bytes *from, size_t len)
{
    require((size_t)(from->end - from->at) >= len);
    from->at += len;
    return from->at - len;
}

static inline uint64_t take_little(struct bytes *from, unsigned len)
{
    const uint8_t *bytes = take(from, len);
    uint64_t value = 0;
    for (unsigned i = 0; i < len; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* ---- Thrift, compact protocol ---- */

enum { T_TRUE = 1, T_FALSE, T_BYTE, T_I16, T_I32, T_I64, T_DOUBLE, T_TEXT, T_LIST, T_STRUCT = 12 };

static inline uint64_t take_varint(struct bytes *from)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t byte = *take(from, 1);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    abort();
}

static inline int64_t take_zigzag(struct bytes *from)
{
    const uint64_t value = take_varint(from);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* The type of the next field, whose number goes up; 0 at the end of the struct. */
static inline int take_field(struct bytes *from, int *number)
{
    const uint8_t byte = *take(from, 1);
    if (byte == 0)
        return 0;
    *number = byte >> 4 ? *number + (byte >> 4) : (int)take_zigzag(from);
    return byte & 0xF;
}

/* How many items follow, and their type. */
static inline uint64_t take_list(struct bytes *from, int *type)
{
    const uint8_t byte = *take(from, 1);
    *type = byte & 0xF;
    return byte >> 4 == 0xF ? take_varint(from) : byte >> 4;
}

static inline void skip(struct bytes *from, int type)
{
    int number = 0, inner;
    uint64_t count;
    switch (type) {
    case T_TRUE:
    case T_FALSE:
        return;
    case T_BYTE:
        take(from, 1);
        return;
    case T_I16:
    case T_I32:
    case T_I64:
        take_varint(from);
        return;
    case T_DOUBLE:
        take(from, 8);
        return;
    case T_TEXT:
        take(from, take_varint(from));
        return;
    case T_LIST:
        for (count = take_list(from, &inner); count > 0; count--)
            skip(from, inner);
        return;
    case T_STRUCT:
        while ((inner = take_field(from, &number)))
            skip(from, inner);
        return;
    default:
        abort();
    }
}

/* ---- metadata ---- */

struct chunk {
    int64_t type, codec, values, unpacked, packed, data_at, dictionary_at;
    bool has_dictionary;
};

static inline struct chunk take_chunk_metadata(struct bytes *from)
{
    struct chunk chunk = {.codec = -1};
    int type, number = 0;
    while ((type = take_field(from, &number))) {
        int64_t *const places[] = {
            [1] = &chunk.type,          [4] = &chunk.codec,  [5] = &chunk.values,
            [6] = &chunk.unpacked,      [7] = &chunk.packed, [9] = &chunk.data_at,
            [11] = &chunk.dictionary_at};
        if (number < (int)(sizeof places / sizeof *places) && places[number])
            *places[number] = take_zigzag(from);
        else
            skip(from, type);
        chunk.has_dictionary |= number == 11;
    }
    require(chunk.codec == 6); /* zstd */
    return chunk;
}

static inline struct chunk take_chunk(struct bytes *from)
{
    struct chunk chunk = {.codec = -1};
    int type, number = 0;
    while ((type = take_field(from, &number)))
        if (number == 3)
            chunk = take_chunk_metadata(from);
        else
            skip(from, type);
    return chunk;
}

/* ---- pages ---- */

struct page {
    int64_t type, unpacked, packed, count, encoding;
    uint8_t *data; /* freed with free() */
};

static inline void take_inner_header(struct bytes *from, struct page *page)
{
    int type, number = 0;
    while ((type = take_field(from, &number)))
        if (number == 1)
            page->count = take_zigzag(from);
        else if (number == 2)
            page->encoding = take_zigzag(from);
        else
            skip(from, type);
}

static inline struct page take_page(struct bytes *from)
{
    struct page page = {.type = -1};
    int type, number = 0;
    while ((type = take_field(from, &number))) {
        int64_t *const places[] = {NULL, &page.type, &page.unpacked, &page.packed};
        if (number < 4)
            *places[number] = take_zigzag(from);
        else if (number == 5 || number == 7)
            take_inner_header(from, &page);
        else
            skip(from, type);
    }
    const uint8_t *packed = take(from, (size_t)page.packed);
    page.data = malloc((size_t)page.unpacked + 1);
    require(page.data && page.unpacked >= 0);
    require(ZSTD_decompress(page.data, (size_t)page.unpacked, packed, (size_t)page.packed) ==
            (size_t)page.unpacked);
    return page;
}

/* Numbers of `width` bits, as runs and packed groups of 8. */
static inline void take_runs(struct bytes *from, unsigned width, uint32_t *values, size_t count)
{
    size_t have = 0;
    while (have < count) {
        const uint64_t header = take_varint(from);
        if (header & 1) {
            const uint8_t *bits = take(from, (size_t)(header >> 1) * width);
            require(header >> 1 > 0);
            for (size_t i = 0; i < (header >> 1) * 8 && have < count; i++) {
                uint32_t value = 0;
                for (unsigned bit = 0; bit < width; bit++) {
                    const size_t at = i * width + bit;
                    value |= (uint32_t)(bits[at / 8] >> at % 8 & 1) << bit;
                }
                values[have++] = value;
            }
        } else {
            const uint32_t value = (uint32_t)take_little(from, (width + 7) / 8);
            require(header >> 1 > 0 && header >> 1 <= count - have);
            for (uint64_t i = 0; i < header >> 1; i++)
                values[have++] = value;
        }
    }
    require(have == count);
}

#endif
