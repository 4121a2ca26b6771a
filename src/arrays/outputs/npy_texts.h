/* Arrays of texts for NumPy: the labels by y, and the names of the columns of X. */
#ifndef ARRAYS_OUTPUTS_NPY_TEXTS_H
#define ARRAYS_OUTPUTS_NPY_TEXTS_H

#include "arrays/array_labels.h"
#include "arrays/outputs/npy_header.h"
#include "base/buffer.h"

/* All texts with the same number of characters of UTF-32; the rest is zeros. */
struct npy_texts {
    struct array_shape shape; /* of one of them */
    char type[24];            /* such as "<U9" */
    struct buffer bytes;
    size_t count;
};

/* Takes an array of texts of that name. */
typedef int npy_texts_taker(void *context, const char *name, const struct npy_texts *texts,
                            struct lcap_error *error);

/*
 * Passes on the labels, and the names of the columns of X if its form has any. Bytes
 * that are not UTF-8 become U+FFFD.
 */
int npy_texts_make(const struct array_labels *labels, const struct array_settings *settings,
                   npy_texts_taker *take, void *context, struct lcap_error *error);

#endif
