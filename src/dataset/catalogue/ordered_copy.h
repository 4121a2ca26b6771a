/*
 * A copy of a data set, sample by sample, in a temporary file: for a data set in no order, whose
 * packets would otherwise be looked up one by one. It is sorted in bounded memory. The packets of
 * a sample are in the order of the data set; blocks that are not packets, and packets without a
 * label, are left out.
 */
#ifndef DATASET_CATALOGUE_ORDERED_COPY_H
#define DATASET_CATALOGUE_ORDERED_COPY_H

#include "dataset/catalogue/catalogue.h"
#include "dataset/input_pass.h"

/* Returns 1 and the place of a sample among the others, 0 if it is left out, or a code. */
typedef int copy_place(void *context, uint64_t sample_id, uint64_t *place,
                       struct lcap_error *error);

struct ordered_copy_options {
    const char *directory; /* of the copy, and of what the sort spills */
    copy_place *place;
    void *context;
};

struct ordered_copy {
    char *path; /* NULL: there is none */
};

/* Whether it takes less time to make one than to look up so many ranges of a data set. */
bool ordered_copy_pays(const struct lcap_reader *reader, uint64_t ranges);

/*
 * Walks the input from its beginning. Returns 1; 0 if there cannot be a copy, for which there
 * may be no room; or a code. The input is damaged where its outcome says so. All zero before.
 */
int ordered_copy_make(struct ordered_copy *copy, struct input_pass *input, const char *dataset,
                      const struct ordered_copy_options *options, struct lcap_error *error);

/* How the copy is read, the data set being read so. */
struct input_options ordered_copy_reading(const struct input_options *dataset);

/* Removes the file. */
void ordered_copy_release(struct ordered_copy *copy);

#endif
