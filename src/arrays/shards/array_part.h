/*
 * The part of a shard of `arrays`: the settings of the run; the rows of its samples, as
 * the format of the output has them; its flows, for overlaps; the labels that their numbers stand
 * for; counts.
 */
#ifndef ARRAYS_SHARDS_ARRAY_PART_H
#define ARRAYS_SHARDS_ARRAY_PART_H

#include "arrays/array_collector.h"
#include "dataset/shard/item_file.h"
#include <labelcap/arrays.h>

enum array_part_kind {
    ARRAY_PART_SETTINGS = 'S',
    ARRAY_PART_ROWS = 'R',  /* their number, and each buffer of struct array_encoded */
    ARRAY_PART_FLOW = 'F',  /* in the order in which they have ended */
    ARRAY_PART_LABEL = 'L', /* in the order of their numbers */
    ARRAY_PART_END = 'Z',   /* the counts */
};

extern const char array_part_magic[];

/* ---- settings ---- */

int array_part_append_settings(struct buffer *out, const struct lcap_array_options *options,
                               const struct array_output_class *format, struct lcap_error *error);

/* Sets all that array_part_append_settings() takes, as views into the bytes. */
bool array_part_take_settings(const struct buffer *bytes, struct lcap_array_options *options,
                              const char **format);

/* ---- writing ---- */

/* An output that encodes as the class of the target does, which has a `check`. */
int array_part_open(struct array_output **output, const struct array_target *target,
                    const struct buffer *settings, struct lcap_error *error);

/* Behind all rows: writes the flows, and notes the counts, which its end says. */
int array_part_note(struct array_output *output, struct array_collector *collector,
                    struct lcap_error *error);

/* ---- reading ---- */

/* The buffers of encoded rows: so many. */
size_t array_part_buffers(const struct array_output *output,
                          const struct array_output_class *format);

/* LCAP_ERR_FORMAT, without a text: it has none. */
int array_part_take_rows(const struct item *item, size_t buffers, struct array_encoded *encoded,
                         struct lcap_error *error);
bool array_part_take_counts(const struct item *item, struct array_counts *counts);

#endif
