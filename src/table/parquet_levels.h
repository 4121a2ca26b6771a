/*
 * Small numbers of Parquet: levels and places in a dictionary, as runs of one value
 * and packed bits. https://parquet.apache.org/docs/file-format/data-pages/encodings/ (RLE)
 */
#ifndef TABLE_PARQUET_LEVELS_H
#define TABLE_PARQUET_LEVELS_H

#include "base/buffer.h"

/* Levels, as they come: hardly any column changes them often. All zero: none. */
struct parquet_levels {
    size_t count;
    struct level_run {
        uint32_t level, count;
    } last;
    struct buffer runs; /* struct level_run, all but the last one */
};

int parquet_levels_end_run(struct parquet_levels *levels, uint32_t level, uint32_t count,
                           struct lcap_error *error);

/* Adds the same level `count` times. */
static inline int parquet_levels_add(struct parquet_levels *levels, uint32_t level, uint32_t count,
                                     struct lcap_error *error)
{
    levels->count += count;
    if (levels->last.level != level || levels->last.count > UINT32_MAX - count)
        return parquet_levels_end_run(levels, level, count, error);
    levels->last.count += count;
    return 0;
}

void parquet_levels_clear(struct parquet_levels *levels);
void parquet_levels_release(struct parquet_levels *levels);

/* Appends them, each of `width` bits; `scratch` is memory for that. */
int parquet_levels_put(const struct parquet_levels *levels, unsigned width, struct buffer *out,
                       struct buffer *scratch, struct lcap_error *error);

/* How many bits a value up to `most` has; at least 1, because not all readers know 0. */
unsigned parquet_bit_width(uint32_t most);

/* Appends the values, each of `width` bits. */
int parquet_put_runs(struct buffer *out, const uint32_t *values, size_t count, unsigned width,
                     struct lcap_error *error);

#endif
