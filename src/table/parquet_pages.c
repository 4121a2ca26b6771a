#include "table/parquet_pages.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "table/parquet_dictionary.h"
#include "table/parquet_levels.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Flows take 2 % more room than with the default level of 3, and half its time. */
#define LEVEL       1
/* Bytes of doubles that are split hardly get smaller with more effort than this. */
#define SPLIT_LEVEL (-1)

struct parquet_packer {
    struct output *out;
    ZSTD_CCtx *zstd;
    struct buffer page, packed, scratch;
    struct parquet_dictionary dictionary; /* of the column at hand */
};

/* PageType, and the field of its header in PageHeader. */
enum page_type { DATA_PAGE = 0, DICTIONARY_PAGE = 2 };
enum { DATA_HEADER = 5, DICTIONARY_HEADER = 7 };

int parquet_packer_new(struct parquet_packer **packer, struct output *out, struct lcap_error *error)
{
    struct parquet_packer *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->out = out;
    made->zstd = ZSTD_createCCtx();
    *packer = made;
    return made->zstd ? LCAP_OK : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: zstd");
}

void parquet_packer_free(struct parquet_packer *packer)
{
    if (!packer)
        return;
    ZSTD_freeCCtx(packer->zstd);
    buffer_release(&packer->page);
    buffer_release(&packer->packed);
    buffer_release(&packer->scratch);
    parquet_dictionary_release(&packer->dictionary);
    free(packer);
}

/* ---- one page ---- */

static int pack(struct parquet_packer *p, struct parquet_bytes page, int level,
                struct lcap_error *error)
{
    if (page.len > INT32_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a page of %zu bytes is too large for Parquet", page.len);
    buffer_clear(&p->packed);
    int rc = buffer_reserve(&p->packed, ZSTD_compressBound(page.len), error);
    if (rc < 0)
        return rc;
    const size_t len =
        ZSTD_compressCCtx(p->zstd, p->packed.data, p->packed.capacity, page.data, page.len, level);
    if (ZSTD_isError(len))
        return lcap_error_set(error, LCAP_ERR_MEMORY, "zstd: %s", ZSTD_getErrorName(len));
    p->packed.len = len;
    return LCAP_OK;
}

/* What a page holds, and of what kind. */
struct page {
    enum page_type type;
    enum parquet_encoding encoding;
    size_t count; /* of values */
    struct parquet_bytes bytes;
};

static void put_header(struct thrift *t, const struct page *page, size_t packed_len)
{
    const enum page_type type = page->type;
    thrift_i32(t, 1, type);
    thrift_i32(t, 2, (int32_t)page->bytes.len);
    thrift_i32(t, 3, (int32_t)packed_len);
    thrift_begin(t, type == DATA_PAGE ? DATA_HEADER : DICTIONARY_HEADER);
    thrift_i32(t, 1, (int32_t)page->count);
    thrift_i32(t, 2, page->encoding);
    if (type == DATA_PAGE) {
        thrift_i32(t, 3, PARQUET_RLE); /* of the levels of definition and repetition */
        thrift_i32(t, 4, PARQUET_RLE);
    }
    thrift_end(t);
    thrift_end(t);
}

/* Writes the page, and adds its sizes to the chunk. */
static int write_page(struct parquet_packer *p, const struct page *page,
                      struct parquet_chunk *chunk, struct lcap_error *error)
{
    const bool is_split = page->encoding == PARQUET_BYTE_STREAM_SPLIT;
    int rc = pack(p, page->bytes, is_split ? SPLIT_LEVEL : LEVEL, error);
    if (rc < 0)
        return rc;
    struct thrift header = {.error = error};
    put_header(&header, page, p->packed.len);
    if (header.rc == LCAP_OK) {
        output_write(p->out, header.bytes.data, header.bytes.len);
        output_write(p->out, p->packed.data, p->packed.len);
        chunk->unpacked += header.bytes.len + page->bytes.len;
        chunk->packed += header.bytes.len + p->packed.len;
    }
    buffer_release(&header.bytes);
    return header.rc == LCAP_OK ? output_error(p->out, error) : header.rc;
}

/* ---- what is in it ---- */

/* Appends levels; `most`: the highest. */
static int put_levels(struct parquet_packer *p, const struct parquet_levels *levels, uint32_t most,
                      struct lcap_error *error)
{
    return parquet_levels_put(levels, parquet_bit_width(most), &p->page, &p->scratch, error);
}

static int put_definitions(struct parquet_packer *p, const struct parquet_column *column,
                           struct lcap_error *error)
{
    return column->lists > 0
               ? put_levels(p, &column->definitions, parquet_column_depth(column), error)
               : parquet_bits_put(&column->present, &p->page, error);
}

static int put_repetitions(struct parquet_packer *p, const struct parquet_column *column,
                           struct lcap_error *error)
{
    return put_levels(p, &column->repetitions, column->lists, error);
}

/* Appends what `put` does, after the number of its bytes. */
static int put_counted(struct parquet_packer *p, const struct parquet_column *column,
                       int (*put)(struct parquet_packer *, const struct parquet_column *,
                                  struct lcap_error *),
                       struct lcap_error *error)
{
    static const uint8_t none[sizeof(uint32_t)];
    struct buffer *page = &p->page;
    const size_t start = page->len;
    int rc = buffer_append(page, none, sizeof none, error);
    if (rc == LCAP_OK)
        rc = put(p, column, error);
    if (rc == LCAP_OK)
        store32(page->data + start, (uint32_t)(page->len - start - sizeof none), false);
    return rc;
}

/* Eight to a byte, the first in the lowest bit. */
static int put_booleans(struct buffer *page, const struct parquet_column *column,
                        struct lcap_error *error)
{
    const uint8_t *values = parquet_column_values(column).data;
    const size_t len = (column->value_count + 7) / 8;
    int rc = buffer_reserve(page, len, error);
    if (rc < 0 || len == 0)
        return rc;
    memset(page->data + page->len, 0, len);
    for (size_t i = 0; i < column->value_count; i++)
        page->data[page->len + i / 8] |= (uint8_t)(values[i] << i % 8);
    page->len += len;
    return LCAP_OK;
}

/* The place of each value, after the number of their bits. */
static int put_places(struct buffer *page, const struct parquet_dictionary *dictionary,
                      struct lcap_error *error)
{
    const uint8_t width = (uint8_t)parquet_bit_width((uint32_t)dictionary->count - 1);
    int rc = buffer_append(page, &width, 1, error);
    return rc == LCAP_OK
               ? parquet_put_runs(page, (const uint32_t *)(const void *)dictionary->places.data,
                                  dictionary->places.len / sizeof(uint32_t), width, error)
               : rc;
}

/* Zstd finds more in bytes of the same place of numbers, such as their exponents. */
static int put_split(struct buffer *page, const struct parquet_column *column,
                     struct lcap_error *error)
{
    const struct parquet_bytes values = parquet_column_values(column);
    const size_t count = column->value_count;
    const int rc = buffer_reserve(page, values.len, error);
    if (rc < 0)
        return rc;
    const uint8_t *value = values.data;
    uint8_t *streams = page->data + page->len;
    for (size_t i = 0; i < count; i++, value += sizeof(double))
        for (size_t byte = 0; byte < sizeof(double); byte++)
            streams[byte * count + i] = value[byte];
    page->len += values.len;
    return LCAP_OK;
}

static int put_values(struct parquet_packer *p, const struct parquet_column *column,
                      enum parquet_encoding encoding, struct lcap_error *error)
{
    if (encoding == PARQUET_BY_DICTIONARY)
        return put_places(&p->page, &p->dictionary, error);
    if (encoding == PARQUET_BYTE_STREAM_SPLIT)
        return put_split(&p->page, column, error);
    if (column->type == PARQUET_BOOLEAN)
        return put_booleans(&p->page, column, error);
    const struct parquet_bytes values = parquet_column_values(column);
    return buffer_append(&p->page, values.data, values.len, error);
}

/* Whether the values can stay where they are, with what is in the page before them. */
static bool is_in_place(const struct parquet_packer *p, const struct parquet_column *column,
                        enum parquet_encoding encoding)
{
    return encoding == PARQUET_PLAIN && column->type != PARQUET_BOOLEAN &&
           p->page.len <= PARQUET_HEADROOM;
}

/* Sets *bytes to the page: the levels that `p` has, and the values behind them. */
static int add_values(struct parquet_packer *p, struct parquet_column *column,
                      enum parquet_encoding encoding, struct parquet_bytes *bytes,
                      struct lcap_error *error)
{
    if (is_in_place(p, column, encoding)) {
        const size_t free = PARQUET_HEADROOM - p->page.len;
        memcpy(column->values.data + free, p->page.data, p->page.len);
        *bytes = (struct parquet_bytes){column->values.data + free, column->values.len - free};
        return LCAP_OK;
    }
    const int rc = put_values(p, column, encoding, error);
    *bytes = (struct parquet_bytes){p->page.data, p->page.len};
    return rc;
}

static int write_data(struct parquet_packer *p, struct parquet_column *column,
                      struct parquet_chunk *chunk, struct lcap_error *error)
{
    struct page page = {
        .type = DATA_PAGE, .encoding = chunk->encoding, .count = parquet_column_levels(column)};
    buffer_clear(&p->page);
    chunk->data_at = output_bytes(p->out);
    int rc = column->lists > 0 ? put_counted(p, column, put_repetitions, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = put_counted(p, column, put_definitions, error);
    if (rc == LCAP_OK)
        rc = add_values(p, column, page.encoding, &page.bytes, error);
    return rc == LCAP_OK ? write_page(p, &page, chunk, error) : rc;
}

static int write_dictionary(struct parquet_packer *p, struct parquet_chunk *chunk,
                            struct lcap_error *error)
{
    const struct page page = {.type = DICTIONARY_PAGE,
                              .encoding = PARQUET_PLAIN,
                              .count = p->dictionary.count,
                              .bytes = chunk->values};
    chunk->dictionary_at = output_bytes(p->out);
    return write_page(p, &page, chunk, error);
}

static enum parquet_encoding encoding_of(const struct parquet_column *column, bool dictionary)
{
    if (dictionary)
        return PARQUET_BY_DICTIONARY;
    return column->type == PARQUET_DOUBLE ? PARQUET_BYTE_STREAM_SPLIT : PARQUET_PLAIN;
}

int parquet_pages_write(struct parquet_packer *packer, struct parquet_column *column,
                        struct parquet_chunk *chunk, struct lcap_error *error)
{
    *chunk = (struct parquet_chunk){0};
    const int made = parquet_dictionary_make(&packer->dictionary, column, error);
    chunk->encoding = encoding_of(column, made > 0);
    const struct buffer *distinct = &packer->dictionary.values;
    chunk->values = made > 0 ? (struct parquet_bytes){distinct->data, distinct->len}
                             : parquet_column_values(column);
    int rc = made < 0 ? made : LCAP_OK;
    if (made > 0)
        rc = write_dictionary(packer, chunk, error);
    return rc == LCAP_OK ? write_data(packer, column, chunk, error) : rc;
}
