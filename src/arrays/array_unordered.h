/*
 * Reads the samples of a data set in no order, in that of their IDs: from a sorted copy, or, if
 * they are few or stand together, one by one where the catalogue says that they are.
 */
#ifndef ARRAYS_ARRAY_UNORDERED_H
#define ARRAYS_ARRAY_UNORDERED_H

#include "arrays/array_reading.h"

int array_unordered_read(struct array_reading *reading, struct catalogue *catalogue,
                         struct input_pass *input, struct lcap_error *error);

#endif
