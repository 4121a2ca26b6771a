/*
 * The blocks of ranges of a catalogue, read from the data set in the order of the
 * file. Each packet is checked to belong to the sample that the catalogue promised.
 */
#ifndef DATASET_CATALOGUE_RANGE_WALK_H
#define DATASET_CATALOGUE_RANGE_WALK_H

#include "dataset/catalogue/catalogue.h"

struct range_walk {
    struct catalogue *catalogue;
    struct lcap_reader *reader;
    sqlite3_stmt *ranges;
    struct catalogue_range range; /* the current one */
    uint64_t sample_id;           /* of its sample */
    uint64_t end;                 /* where it ends; 0 before the first one */
    uint64_t expected, packets;   /* in all; so far */
    struct lcap_position here;    /* where the reader is */
};

/*
 * The ranges of a query of the catalogue, which the walk takes over, and how many packets
 * they must have; the reader is of the data set and only this walk uses it.
 */
void range_walk_begin(struct range_walk *walk, struct catalogue *catalogue, sqlite3_stmt *ranges,
                      uint64_t packets, struct lcap_reader *reader);

/*
 * Returns 1 and the next block, valid until the next call; 0 at the end; or a code.
 * LCAP_ERR_LABEL: the catalogue does not fit the data set.
 */
int range_walk_next(struct range_walk *walk, const struct lcap_block **block,
                    struct lcap_error *error);
/* An all-zero walk is allowed. */
void range_walk_release(struct range_walk *walk);

#endif
