/* Arrays of texts for NumPy: the labels by y, and the names of the columns of X. */
#ifndef ARRAYS_NPY_TEXTS_H
#define ARRAYS_NPY_TEXTS_H

#include "arrays/array_labels.h"
#include "arrays/npy_header.h"
#include "base/buffer.h"

/* All texts with the same number of characters of UTF-32; the rest is zeros. */
struct npy_texts {
    struct array_shape shape; /* of one of them */
    char type[24];            /* such as "<U9" */
    struct buffer bytes;
    size_t count;
};

/* Release the texts even after an error. Bytes that are not UTF-8 become U+FFFD. */
int npy_texts_of_labels(struct npy_texts *texts, const struct array_labels *labels,
                        struct lcap_error *error);
/* Without any text if the form has no names. */
int npy_texts_of_columns(struct npy_texts *texts, const struct array_settings *settings,
                         struct lcap_error *error);
void npy_texts_release(struct npy_texts *texts);

#endif
