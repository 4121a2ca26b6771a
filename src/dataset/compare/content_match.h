/* Matches the labels of packets with the same content, and adds them up. */
#ifndef DATASET_COMPARE_CONTENT_MATCH_H
#define DATASET_COMPARE_CONTENT_MATCH_H

#include "dataset/confusion.h"

enum compare_side { COMPARE_TRUTH, COMPARE_TEST };

/* Packets of the same content and label in one of the files. */
struct label_run {
    uint32_t label;
    uint64_t packets;
};

/* All packets of one content: on each side, by label in ascending order. All zero: none. */
struct content_match {
    struct label_run *runs[2];
    size_t counts[2], capacities[2];
};

/* The next packet of the same content; sides and labels come in ascending order. */
int content_match_add(struct content_match *match, enum compare_side side, uint32_t label,
                      struct lcap_error *error);

/* Adds the pairs to the confusion matrix, and starts over. */
int content_match_settle(struct content_match *match, struct confusion *confusion,
                         struct lcap_error *error);
void content_match_release(struct content_match *match);

#endif
