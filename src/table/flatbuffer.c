#include "table/flatbuffer.h"

#include "base/bytes.h"
#include <string.h>

/* Appends zeros, and returns where they begin. */
static size_t take(struct flatbuffer *f, size_t len)
{
    const size_t at = f->bytes.len;
    if (f->rc == LCAP_OK)
        f->rc = buffer_reserve(&f->bytes, len, f->error);
    if (f->rc < 0)
        return at;
    memset(f->bytes.data + at, 0, len);
    f->bytes.len += len;
    return at;
}

/* Until `ahead` bytes more would be at a multiple of `size`. */
static void align(struct flatbuffer *f, size_t ahead, unsigned size)
{
    take(f, (size - (f->bytes.len + ahead) % size) % size);
}

void flat_store(struct flatbuffer *f, size_t at, unsigned size, uint64_t value)
{
    uint8_t bytes[8];
    store64(bytes, value, false);
    if (f->rc == LCAP_OK && size > 0)
        memcpy(f->bytes.data + at, bytes, size);
}

static void refer(struct flatbuffer *f, size_t from, size_t to)
{
    flat_store(f, from, 4, to - from);
}

void flat_begin(struct flatbuffer *f)
{
    take(f, 4);
}

/* The table of places, of 16 bits each, comes before the table. */
void flat_table(struct flatbuffer *f, size_t from, const struct flat_field *fields, size_t count,
                size_t at[FLAT_FIELDS])
{
    align(f, 4 + 2 * count + 4, 8);
    const size_t places = take(f, 4 + 2 * count), table = take(f, 4);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].size == 0)
            continue;
        align(f, 0, fields[i].size);
        at[i] = take(f, fields[i].size);
        flat_store(f, at[i], fields[i].size, fields[i].value);
        flat_store(f, places + 4 + 2 * i, 2, at[i] - table);
    }
    flat_store(f, places, 2, 4 + 2 * count);
    flat_store(f, places + 2, 2, f->bytes.len - table);
    flat_store(f, table, 4, table - places);
    refer(f, from, table);
}

size_t flat_vector(struct flatbuffer *f, size_t from, size_t count, unsigned size)
{
    align(f, 0, 4);
    align(f, 4, size < 8 ? size : 8);
    const size_t at = take(f, 4 + count * size);
    flat_store(f, at, 4, count);
    refer(f, from, at);
    return at + 4;
}

void flat_text(struct flatbuffer *f, size_t from, const char *text)
{
    const size_t len = strlen(text), at = flat_vector(f, from, len + 1, 1);
    flat_store(f, at - 4, 4, len); /* without the NUL */
    if (f->rc == LCAP_OK)
        memcpy(f->bytes.data + at, text, len);
}
