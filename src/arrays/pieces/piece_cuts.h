/*
 * Where a data set in the order of its samples can be divided: between two samples. The
 * places are found by looks at few packets, so they are guesses: whoever reads up to one
 * sees whether a block ends there, and a sample.
 */
#ifndef ARRAYS_PIECES_PIECE_CUTS_H
#define ARRAYS_PIECES_PIECE_CUTS_H

#include "dataset/input_pass.h"

struct piece_cuts {
    struct lcap_reader *reader;
    uint64_t size; /* of the file */
};

/* Release them even after an error. */
int piece_cuts_init(struct piece_cuts *cuts, const struct lcap_reader *whole,
                    struct lcap_error *error);
void piece_cuts_release(struct piece_cuts *cuts);

/*
 * Sets *cut to the first packet of the sample behind the one that is at the place `from`.
 * False: that may be the last one, and there is no cut.
 */
bool piece_cuts_find(struct piece_cuts *cuts, uint64_t from, struct lcap_position *cut);

#endif
