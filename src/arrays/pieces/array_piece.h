/* A part of a data set with whole samples, which any thread reads into encoded rows. */
#ifndef ARRAYS_PIECES_ARRAY_PIECE_H
#define ARRAYS_PIECES_ARRAY_PIECE_H

#include "arrays/array_reading.h"
#include "capture/parts/reader_place.h"

/* All zero: not read yet. */
struct array_piece {
    bool is_left;               /* to the caller, … */
    uint64_t full_at;           /* … because there its memory was full; 0: it was not */
    size_t longest;             /* as pieces were to be when it was cut */
    struct lcap_position from;  /* where it is guessed to begin */
    uint64_t end;               /* a place; 0: the end of the file */
    struct reader_place begin;  /* where it begins, … */
    struct reader_place finish; /* … and where reading it has ended */
    struct input_options input_options;
    struct input_pass input; /* stays open for more pieces */
    struct array_labels labels;
    struct array_batch batch; /* the rows, encoded */
    struct array_sink sink;
    struct array_collector collector;
    struct array_reading reading;
    bool is_ready; /* the collector, after a piece that was read to its end */
    int status;
    struct lcap_error error;
};

/*
 * Reads the piece of `input` as `whole` would, but with labels numbered as they come in the piece,
 * and flows kept that array_collector_join() compares. It is left to the caller if its rows or
 * flows take more memory than a piece may.
 */
void array_piece_read(struct array_piece *piece, const struct array_reading *whole,
                      const struct input_pass *input, const struct lcap_watcher *watcher);

/* Adds rows and counts to those of `whole`, and what was read of it to `input`. */
int array_piece_join(struct array_piece *piece, struct array_reading *whole,
                     struct input_pass *input, struct lcap_error *error);

void array_piece_release(struct array_piece *piece);

#endif
