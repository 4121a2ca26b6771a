/* Where the input of split can be divided: between two samples, if the packets of each stand
 * together. */
#ifndef DATASET_SPLIT_SPLIT_CUTS_H
#define DATASET_SPLIT_SPLIT_CUTS_H

#include "capture/parts/reader_place.h"
#include "dataset/input_pass.h"

struct split_cut {
    struct reader_place place;
    uint32_t sample;  /* the first one from there on */
    uint64_t packets; /* of the input, before it */
};

/* All zero: no cuts are wanted. */
struct split_cuts {
    struct split_cut *items; /* in the order of the file; the first one is its beginning */
    size_t count, capacity;
    uint64_t distance; /* at least, in bytes; 0: none are wanted */
};

/* Cuts are wanted of an input of that size. */
int split_cuts_begin(struct split_cuts *cuts, uint64_t size, struct lcap_error *error);

/* The walk through the input has come to the first packet of a new sample. */
int split_cuts_note(struct split_cuts *cuts, const struct input_pass *input,
                    const struct lcap_block *block, uint32_t sample, struct lcap_error *error);

/* Adds a cut found elsewhere, unless it is too near to the last one; takes its memory. */
int split_cuts_add(struct split_cuts *cuts, struct split_cut *cut, struct lcap_error *error);

/* Keeps the distance alone. */
void split_cuts_clear(struct split_cuts *cuts);
void split_cuts_release(struct split_cuts *cuts);

#endif
