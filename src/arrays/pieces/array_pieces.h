/*
 * Several threads read a data set in the order of its samples, each its own part of the
 * file: a pipeline of pieces, joined in order. What is written is the same as from a walk
 * through the whole. Where a piece does not begin as the one before it ends, because a cut was
 * guessed wrong or the file is damaged, the caller reads on by itself.
 */
#ifndef ARRAYS_PIECES_ARRAY_PIECES_H
#define ARRAYS_PIECES_ARRAY_PIECES_H

#include "arrays/array_reading.h"

/* Whether there are threads for it, and an input and rows that can be divided. */
bool array_pieces_can(const struct array_reading *reading, const struct input_pass *input);

int array_pieces_read(struct array_reading *reading, struct input_pass *input,
                      struct lcap_error *error);

#endif
