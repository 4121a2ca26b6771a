/* Describes arrays to NumPy. */
#include "arrays/outputs/npy_header.h"

#include "base/bytes.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Magic, version, and the length of the rest, in 2 bytes. */
#define PREFIX "\x93NUMPY\x01"
enum { PREFIX_LEN = 10 };

void npy_header(const struct array_shape *row, uint64_t rows, char out[NPY_HEADER])
{
    char more[64] = "";
    size_t len = 0;
    for (unsigned i = 0; i < row->dimensions; i++)
        len += (size_t)snprintf(more + len, sizeof more - len, " %" PRIu64 ",", row->extents[i]);
    memset(out, ' ', NPY_HEADER);
    memcpy(out, PREFIX "\0", PREFIX_LEN - 2);
    store16((uint8_t *)out + PREFIX_LEN - 2, NPY_HEADER - PREFIX_LEN, false);
    char *text = out + PREFIX_LEN;
    len = (size_t)snprintf(text, NPY_HEADER - PREFIX_LEN,
                           "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRIu64 ",%s), }",
                           row->type, rows, more);
    text[len] = ' ';
    out[NPY_HEADER - 1] = '\n';
}
