/*
 * Several threads for rows of single packets, whatever the samples are: a pipeline of
 * slabs, as much of the input as is read at once. Their packets are read, parsed, put into samples
 * and flows in their order, encoded where they lie, and written in order.
 */
#ifndef ARRAYS_PIECES_ARRAY_SLABS_H
#define ARRAYS_PIECES_ARRAY_SLABS_H

#include "arrays/array_reading.h"

/* Whether there are threads for it, an input, and a row is a packet. */
bool array_slabs_can(const struct array_reading *reading, const struct input_pass *input);

int array_slabs_read(struct array_reading *reading, struct input_pass *input,
                     struct lcap_error *error);

#endif
