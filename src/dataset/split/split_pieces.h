/*
 * Several threads write the files of samples whose packets stand together: each reads its own
 * piece of the input, which begins and ends between two samples, where the survey has said. The
 * files are the same as those of a walk through the whole.
 */
#ifndef DATASET_SPLIT_SPLIT_PIECES_H
#define DATASET_SPLIT_SPLIT_PIECES_H

#include "capture/parts/reader_place.h"
#include "dataset/split/split_files.h"

/* Where a piece begins. */
struct split_cut {
    struct reader_place place;
    uint32_t sample;  /* the first one from there on */
    uint64_t packets; /* of the input, before it */
};

/* All zero: the input is not divided. */
struct split_cuts {
    struct split_cut *items; /* in the order of the file; the first one is its beginning */
    size_t count, capacity;
    uint64_t distance; /* at least, in bytes; 0: no cuts are wanted */
};

/* Whether there are threads, and an input for them that can be divided: cuts are wanted then. */
int split_cuts_begin(struct split_cuts *cuts, const char *path, const struct input_pass *input,
                     struct lcap_error *error);

/* The walk through the input has come to the first packet of a new sample. */
int split_cuts_add(struct split_cuts *cuts, const struct input_pass *input,
                   const struct lcap_block *block, uint32_t sample, struct lcap_error *error);
void split_cuts_release(struct split_cuts *cuts);

/* Writes all files. `input` is as the survey has left it. */
int split_pieces_write(const struct split_plan *plan, const struct split_cuts *cuts,
                       const char *path, struct input_pass *input, struct split_pass_result *result,
                       struct lcap_error *error);

#endif
