/*
 * Small numbers of Parquet: levels and places in a dictionary, as runs of one value
 * and packed bits. https://parquet.apache.org/docs/file-format/data-pages/encodings/ (RLE)
 */
#ifndef TABLE_PARQUET_LEVELS_H
#define TABLE_PARQUET_LEVELS_H

#include "base/buffer.h"

/* How many bits a value up to `most` has; at least 1, because not all readers know 0. */
unsigned parquet_bit_width(uint32_t most);

/* Appends the values, each of `width` bits. */
int parquet_put_runs(struct buffer *out, const uint32_t *values, size_t count, unsigned width,
                     struct lcap_error *error);

#endif
