/*
 * The labels of the rows of all outputs of a run: numbered as they come, and in the end
 * in the order of their bytes, which is that of y.
 */
#ifndef ARRAYS_ARRAY_LABELS_H
#define ARRAYS_ARRAY_LABELS_H

#include "base/intern.h"

struct array_labels {
    struct intern *texts; /* by number as they came */
    size_t count;         /* of what follows; 0 before array_labels_sort() */
    uint32_t *sorted;     /* numbers in `texts` */
    uint32_t *places;     /* by number in `texts`: the place in `sorted` */
};

int array_labels_init(struct array_labels *labels, struct lcap_error *error);
int array_labels_sort(struct array_labels *labels, struct lcap_error *error);
void array_labels_release(struct array_labels *labels);

/* The label of this y. */
const char *array_labels_get(const struct array_labels *labels, uint32_t y, size_t *len);

/* Replaces numbers as they came, int64 in little-endian order, by those of y. False: one of them
 * is that of no label. */
bool array_labels_number(const struct array_labels *labels, uint8_t *numbers, size_t count);

#endif
