/*
 * Compares two labellings of the same packets. Packets of TRUTH and TEST match if
 * they have the same content (see packet_digest.h), wherever they stand; of several
 * of the same content, those with the same label match first.
 *
 * A label is its metadata: sampleIDs may differ.
 */
#ifndef DATASET_COMPARE_COMPARE_PASS_H
#define DATASET_COMPARE_COMPARE_PASS_H

#include "base/idmap.h"
#include "base/intern.h"
#include "dataset/input_pass.h"
#include "sort/sorter.h"

/* In place of the number of a label. */
#define COMPARE_UNLABELLED (UINT32_MAX - 1)
#define COMPARE_ABSENT     UINT32_MAX /* the other file has a packet more */

/* Packets that have one label in TRUTH and one in TEST. */
struct compare_cell {
    uint32_t truth, test;
    uint64_t packets;
};

/* A label: its packets in both files. */
struct compare_label {
    uint32_t metadata;    /* number in `labels` */
    uint64_t truth, test; /* with this label */
    uint64_t agreed;      /* with this label in both */
    uint64_t missing;     /* in TRUTH, without a packet in TEST */
    uint64_t unlabelled;  /* in TRUTH, without a label in TEST */
    uint64_t additional;  /* in TEST, without a packet in TRUTH */
};

struct compare_pass_options {
    struct sorter_options sorter; /* directory NULL: the default one */
    struct input_options input;
};

struct compare_pass_result {
    const char *names[2]; /* of TRUTH and TEST, for people */
    struct input_counts inputs;
    struct intern *labels;
    /* In the order of their labels' texts: first those of packets in both, then the others. */
    struct compare_cell *cells;
    size_t cell_count, cell_capacity;
    size_t matched_cells;           /* with packets in both */
    struct idmap cell_numbers;      /* by both labels, while packets are matched */
    struct compare_label *by_label; /* in the order of their texts */
    size_t label_count;
    uint64_t packets[2];
    uint64_t matched; /* packets in both */
    uint64_t agreed;  /* of these, with the same label, or without one in both */
};

/* `paths`: TRUTH and TEST. Release the result even after an error. */
int compare_pass_run(const char *const paths[2], const struct compare_pass_options *options,
                     struct compare_pass_result *result, struct lcap_error *error);
void compare_pass_release(struct compare_pass_result *result);

/* The text of a label; `metadata` is its number. */
const char *compare_label_text(const struct compare_pass_result *result, uint32_t metadata,
                               size_t *len);

/* Of 1; negative if it is not defined, because no packet has the label. */
double compare_precision(const struct compare_label *label);
double compare_recall(const struct compare_label *label);
double compare_f1(const struct compare_label *label);

#endif
