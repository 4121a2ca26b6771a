/*
 * Merges sorted parts: a packet at a time, the least of those that the parts are at. Of
 * equal ones that of the earlier shard comes first, as it came first in the inputs.
 */
#ifndef SHARD_SORTED_MERGE_H
#define SHARD_SORTED_MERGE_H

#include "dataset/dataset_writer.h"
#include "dataset/shard/parts.h"

struct sorted_merge;

/* LCAP_ERR_FORMAT: a part has what is behind damage, and its shard has to be run again. */
int sorted_merge_open(struct sorted_merge **merge, const struct parts *parts,
                      struct lcap_error *error);

/* Whether all interfaces of all parts have one snap length; no packet of theirs is longer. */
bool sorted_merge_has_one_snaplen(const struct sorted_merge *merge);

/* Where blocks go. */
struct sorted_sink {
    int (*block)(void *context, const struct lcap_block *block, struct lcap_error *error);
    /* A packet of that interface: returns 0 if it is to come as a block. */
    int (*copy)(void *context, const struct part_packet *packet,
                const struct lcap_interface *interface, struct lcap_error *error);
    void *context;
};

/* Passes all blocks in order. */
int sorted_merge_run(struct sorted_merge *merge, const struct sorted_sink *sink,
                     struct lcap_error *error);

/* How many of the packets have a label. */
uint64_t sorted_merge_labelled(const struct sorted_merge *merge);
void sorted_merge_free(struct sorted_merge *merge);

#endif
