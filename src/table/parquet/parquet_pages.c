#include "table/parquet/parquet_pages.h"

#include "base/bytes.h"
#include "table/parquet/parquet_levels.h"
#include <string.h>
#include <zstd.h>

/* Flows take 2 % more room than with the default level of 3, and half its time. */
#define LEVEL       1
/* Bytes of doubles that are split hardly get smaller with more effort than this. */
#define SPLIT_LEVEL (-1)
/* Twice that of the level: it makes up for what a page cannot see of the one before. */
#define WINDOW_LOG  20

/* Fields of PageHeader. */
enum { DATA_HEADER = 5, DICTIONARY_HEADER = 7 };

void parquet_press_release(struct parquet_press *press)
{
    ZSTD_freeCCtx(press->zstd);
    buffer_release(&press->bytes);
    buffer_release(&press->scratch);
}

/* ---- one page ---- */

static int make_context(struct parquet_press *press, struct lcap_error *error)
{
    if (!press->zstd)
        press->zstd = ZSTD_createCCtx();
    return press->zstd ? LCAP_OK : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: zstd");
}

/* Packs the bytes of the page. */
static int pack(struct parquet_press *press, struct parquet_bytes bytes, struct parquet_page *page,
                struct lcap_error *error)
{
    const int level = page->encoding == PARQUET_BYTE_STREAM_SPLIT ? SPLIT_LEVEL : LEVEL;
    struct buffer *packed = &page->packed;
    if (bytes.len > INT32_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a page of %zu bytes is too large for Parquet", bytes.len);
    buffer_clear(packed);
    int rc = make_context(press, error);
    if (rc == LCAP_OK)
        rc = buffer_reserve(packed, ZSTD_compressBound(bytes.len), error);
    if (rc < 0)
        return rc;
    ZSTD_CCtx_setParameter(press->zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(press->zstd, ZSTD_c_windowLog, WINDOW_LOG);
    const size_t len =
        ZSTD_compress2(press->zstd, packed->data, packed->capacity, bytes.data, bytes.len);
    if (ZSTD_isError(len))
        return lcap_error_set(error, LCAP_ERR_MEMORY, "zstd: %s", ZSTD_getErrorName(len));
    packed->len = len;
    page->unpacked = bytes.len;
    return LCAP_OK;
}

void parquet_page_header(struct thrift *t, const struct parquet_page *page)
{
    const bool is_data = page->type == PARQUET_DATA_PAGE;
    thrift_i32(t, 1, page->type);
    thrift_i32(t, 2, (int32_t)page->unpacked);
    thrift_i32(t, 3, (int32_t)page->packed.len);
    thrift_begin(t, is_data ? DATA_HEADER : DICTIONARY_HEADER);
    thrift_i32(t, 1, (int32_t)page->count);
    thrift_i32(t, 2, page->encoding);
    if (is_data) {
        thrift_i32(t, 3, PARQUET_RLE); /* of the levels of definition and repetition */
        thrift_i32(t, 4, PARQUET_RLE);
    }
    thrift_end(t);
    thrift_end(t);
}

/* ---- what is in it ---- */

/* Appends levels; `most`: the highest. */
static int put_levels(struct parquet_press *p, const struct parquet_levels *levels, uint32_t most,
                      struct lcap_error *error)
{
    return parquet_levels_put(levels, parquet_bit_width(most), &p->bytes, &p->scratch, error);
}

static int put_definitions(struct parquet_press *p, const struct parquet_column *column,
                           struct lcap_error *error)
{
    return column->lists > 0
               ? put_levels(p, &column->definitions, parquet_column_depth(column), error)
               : parquet_bits_put(&column->present, &p->bytes, error);
}

static int put_repetitions(struct parquet_press *p, const struct parquet_column *column,
                           struct lcap_error *error)
{
    return put_levels(p, &column->repetitions, column->lists, error);
}

/* Appends what `put` does, after the number of its bytes. */
static int put_counted(struct parquet_press *p, const struct parquet_column *column,
                       int (*put)(struct parquet_press *, const struct parquet_column *,
                                  struct lcap_error *),
                       struct lcap_error *error)
{
    static const uint8_t none[sizeof(uint32_t)];
    struct buffer *page = &p->bytes;
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
                      const struct parquet_part *part, struct lcap_error *error)
{
    const uint8_t width = (uint8_t)parquet_bit_width((uint32_t)dictionary->count - 1);
    const uint32_t *places = (const uint32_t *)(const void *)dictionary->places.data;
    int rc = buffer_append(page, &width, 1, error);
    return rc == LCAP_OK ? parquet_put_runs(page, places + part->first_value,
                                            part->cells.value_count, width, error)
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

static int put_values(struct parquet_press *p, const struct parquet_part *part,
                      enum parquet_encoding encoding, const struct parquet_dictionary *dictionary,
                      struct lcap_error *error)
{
    const struct parquet_column *cells = &part->cells;
    if (encoding == PARQUET_BY_DICTIONARY)
        return put_places(&p->bytes, dictionary, part, error);
    if (encoding == PARQUET_BYTE_STREAM_SPLIT)
        return put_split(&p->bytes, cells, error);
    if (cells->type == PARQUET_BOOLEAN)
        return put_booleans(&p->bytes, cells, error);
    const struct parquet_bytes values = parquet_column_values(cells);
    return buffer_append(&p->bytes, values.data, values.len, error);
}

/* Whether the values can stay where they are, with what is in the page before them: in front of
 * other parts are values of the part before. */
static bool is_in_place(const struct parquet_press *p, const struct parquet_part *part,
                        enum parquet_encoding encoding)
{
    return encoding == PARQUET_PLAIN && part->cells.type != PARQUET_BOOLEAN && part->is_first &&
           p->bytes.len <= PARQUET_HEADROOM;
}

/* Sets *bytes to the page: the levels that `p` has, and the values behind them. */
static int add_values(struct parquet_press *p, const struct parquet_part *part,
                      enum parquet_encoding encoding, const struct parquet_dictionary *dictionary,
                      struct parquet_bytes *bytes, struct lcap_error *error)
{
    const struct buffer *values = &part->cells.values;
    if (is_in_place(p, part, encoding)) {
        const size_t free = PARQUET_HEADROOM - p->bytes.len;
        memcpy(values->data + free, p->bytes.data, p->bytes.len);
        *bytes = (struct parquet_bytes){values->data + free, values->len - free};
        return LCAP_OK;
    }
    const int rc = put_values(p, part, encoding, dictionary, error);
    *bytes = (struct parquet_bytes){p->bytes.data, p->bytes.len};
    return rc;
}

int parquet_page_data(struct parquet_press *press, const struct parquet_part *part,
                      const struct parquet_dictionary *dictionary, struct parquet_page *page,
                      struct lcap_error *error)
{
    const struct parquet_column *cells = &part->cells;
    struct parquet_bytes bytes;
    buffer_clear(&press->bytes);
    page->count = parquet_column_levels(cells);
    int rc = cells->lists > 0 ? put_counted(press, cells, put_repetitions, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = put_counted(press, cells, put_definitions, error);
    if (rc == LCAP_OK)
        rc = add_values(press, part, page->encoding, dictionary, &bytes, error);
    return rc == LCAP_OK ? pack(press, bytes, page, error) : rc;
}

int parquet_page_dictionary(struct parquet_press *press,
                            const struct parquet_dictionary *dictionary, struct parquet_page *page,
                            struct lcap_error *error)
{
    const struct buffer *values = &dictionary->values;
    page->count = dictionary->count;
    return pack(press, (struct parquet_bytes){values->data, values->len}, page, error);
}
