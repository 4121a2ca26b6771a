/*
 * Small numbers of Parquet: levels and places in a dictionary, as runs of one value
 * and packed bits. https://parquet.apache.org/docs/file-format/data-pages/encodings/ (RLE)
 */
#ifndef TABLE_PARQUET_PARQUET_LEVELS_H
#define TABLE_PARQUET_PARQUET_LEVELS_H

#include "base/buffer.h"

/* Levels, as they come: hardly any column changes them often. All zero: none. */
struct parquet_levels {
    size_t count;
    struct level_run {
        uint32_t level, count;
    } last;
    struct buffer runs; /* struct level_run, all but the last one */
};

int parquet_levels_end_run(struct parquet_levels *levels, uint32_t level, struct lcap_error *error);

static inline int parquet_levels_add(struct parquet_levels *levels, uint32_t level,
                                     struct lcap_error *error)
{
    levels->count++;
    if (levels->last.level != level || levels->last.count == UINT32_MAX)
        return parquet_levels_end_run(levels, level, error);
    levels->last.count++;
    return 0;
}

void parquet_levels_clear(struct parquet_levels *levels);
void parquet_levels_release(struct parquet_levels *levels);

/* One of the levels, as a run and how many of that come before it. All zero: the first. */
struct level_place {
    size_t run;
    uint32_t used;
};

/* How many levels follow before the first of level 0 that has `least` before it, or all. */
size_t parquet_levels_until(const struct parquet_levels *levels, struct level_place place,
                            size_t least);
/* Copies the next `count` in place of those that `into` has, and moves the place behind them. */
int parquet_levels_take(const struct parquet_levels *levels, struct level_place *place,
                        size_t count, struct parquet_levels *into, struct lcap_error *error);
/* How many of them are `level`. */
size_t parquet_levels_of(const struct parquet_levels *levels, uint32_t level);

/* Appends them, each of `width` bits; `scratch` is memory for that. */
int parquet_levels_put(const struct parquet_levels *levels, unsigned width, struct buffer *out,
                       struct buffer *scratch, struct lcap_error *error);

/* ---- levels of 0 and 1 ---- */

/* Whether each cell of a column without lists is there. All zero: none. */
struct parquet_bits {
    size_t count;
    struct buffer bytes; /* the first in the lowest bit; the rest of the last byte is 0 */
};

/* Adds the `count` lowest bits of a word whose other bits are 0; at most 32. */
int parquet_bits_add(struct parquet_bits *bits, uint32_t word, unsigned count,
                     struct lcap_error *error);
/* Appends them. */
int parquet_bits_put(const struct parquet_bits *bits, struct buffer *out, struct lcap_error *error);
void parquet_bits_clear(struct parquet_bits *bits);
void parquet_bits_release(struct parquet_bits *bits);

/* How many bits a value up to `most` has; at least 1, because not all readers know 0. */
unsigned parquet_bit_width(uint32_t most);

/* Appends the values, each of `width` bits. */
int parquet_put_runs(struct buffer *out, const uint32_t *values, size_t count, unsigned width,
                     struct lcap_error *error);

#endif
