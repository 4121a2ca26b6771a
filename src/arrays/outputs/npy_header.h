/* The header of NumPy's format .npy, version 1.0:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef ARRAYS_OUTPUTS_NPY_HEADER_H
#define ARRAYS_OUTPUTS_NPY_HEADER_H

#include "arrays/array_form.h"

enum { NPY_HEADER = 192 };

/* The header of an array of so many rows; it is as long for any number of them. */
void npy_header(const struct array_shape *row, uint64_t rows, char out[NPY_HEADER]);

#endif
