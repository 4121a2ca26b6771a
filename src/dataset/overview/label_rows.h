/* Rows of the form "this label, that thing, so many packets", made of the figures of all labels. */
#ifndef DATASET_OVERVIEW_LABEL_ROWS_H
#define DATASET_OVERVIEW_LABEL_ROWS_H

#include "dataset/overview/label_figures.h"
#include <labelcap/error.h>

struct label_row {
    size_t label;  /* its place among the figures */
    uint32_t what; /* a protocol, a port, a place among the addresses, or a bin of the timeline */
    uint64_t count;
};

struct label_rows {
    struct label_row *rows;
    size_t count, capacity;
};

/* Adds the `most` largest counts above 0 of a label, the largest first. */
int label_rows_add_top(struct label_rows *rows, size_t label, const uint64_t *counts, size_t len,
                       size_t most, struct lcap_error *error);

/* Adds all counts above 0, in their order. */
int label_rows_add_all(struct label_rows *rows, size_t label, const uint64_t *counts, size_t len,
                       struct lcap_error *error);

int label_rows_add(struct label_rows *rows, const struct label_row *row, struct lcap_error *error);
void label_rows_release(struct label_rows *rows);

#endif
