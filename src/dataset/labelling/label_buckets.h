/*
 * Buckets of packets, for rules that ask for flows: a shard has some packets of many flows.
 * So each writes what rules make of its packets into buckets first, by the addresses of
 * their flows, and then decides about those of one bucket of all shards; see label_decisions.h.
 */
#ifndef DATASET_LABELLING_LABEL_BUCKETS_H
#define DATASET_LABELLING_LABEL_BUCKETS_H

#include "dataset/labelling/label_pass_internal.h"
#include "dataset/shard/parts.h"

#define LABEL_BUCKETS_COMMAND "label --buckets=write"

/* Writes the buckets of a shard. */
int label_buckets_write(struct label_pass *pass, struct lcap_error *error);

/*
 * Reads the joints of all shards, which are to be released even after an error.
 * LCAP_ERR_FORMAT: not all have written their buckets, or it was another run.
 */
int label_buckets_read(const struct label_pass *pass, struct parts *parts,
                       struct lcap_error *error);

#endif
