/*
 * A confusion matrix: how many items, packets or samples, have which label in the
 * truth and which in what is judged by it, and the measures of each label.
 */
#ifndef DATASET_CONFUSION_H
#define DATASET_CONFUSION_H

#include "base/idmap.h"
#include "base/intern.h"
#include "base/result.h"

/* In place of the number of a label. */
#define CONFUSION_UNLABELLED (UINT32_MAX - 1)
#define CONFUSION_ABSENT     UINT32_MAX /* the other side has an item more */

/* Items that have one label in the truth and one in the test. */
struct confusion_cell {
    uint32_t truth, test;
    uint64_t count;
};

/* A label: its items on both sides. */
struct confusion_label {
    uint32_t metadata;    /* number in `labels` */
    uint64_t truth, test; /* with this label */
    uint64_t agreed;      /* with this label in both */
    uint64_t missing;     /* in the truth, absent from the test */
    uint64_t unlabelled;  /* in the truth, without a label in the test */
    uint64_t additional;  /* in the test, absent from the truth */
};

struct confusion {
    struct intern *labels;
    /* In the order of their labels' texts: first those of items in both, then the others. */
    struct confusion_cell *cells;
    size_t cell_count, cell_capacity;
    size_t matched_cells;             /* with items in both */
    struct idmap cell_numbers;        /* by both labels, while items are added */
    struct confusion_label *by_label; /* in the order of their texts */
    size_t label_count;
    uint64_t matched; /* items in both */
    uint64_t agreed;  /* of these, with the same label, or without one in both */
};

/* Release it even after an error. */
int confusion_init(struct confusion *confusion, struct lcap_error *error);
void confusion_release(struct confusion *confusion);

/* Adds items; labels are numbers in `labels`, or one of the constants above. */
int confusion_add(struct confusion *confusion, uint32_t truth, uint32_t test, uint64_t count,
                  struct lcap_error *error);

/* Orders the cells and adds up the labels, after all items are added. */
int confusion_add_up(struct confusion *confusion, struct lcap_error *error);

/* Of 1; negative if it is not defined, because no item has the label. */
double confusion_precision(const struct confusion_label *label);
double confusion_recall(const struct confusion_label *label);
double confusion_f1(const struct confusion_label *label);

/* Room for the figures of a label in 80 columns. */
#define CONFUSION_LABEL_LEAST 16

/*
 * The row of a label: its text, `truth`, `test`, `agreed`, precision, recall, F1,
 * `missing`; and that of a cell: both labels and the count. Nothing stands for no label, and for a
 * measure that is not defined.
 */
void confusion_fill_label(const struct confusion *confusion, size_t index, struct result_row *row);
void confusion_fill_cell(const struct confusion *confusion, size_t index, struct result_row *row);

#endif
