/*
 * The numbers of packets, for rules with EACH:packet: a shard has to know how many packets
 * of its first input come before its own. So each counts its packets first, in a joint
 * beside an empty part, and labels when all have done that.
 */
#ifndef DATASET_LABELLING_LABEL_NUMBERS_H
#define DATASET_LABELLING_LABEL_NUMBERS_H

#include "dataset/labelling/label_pass_internal.h"
#include "dataset/shard/parts.h"

#define LABEL_NUMBERS_COMMAND "label --count-packets"

/* The shard that counts. */
int label_numbers_begin(const struct label_pass *pass, struct shard_run **run,
                        struct lcap_error *error);
int label_numbers_count(struct label_pass *pass, struct lcap_error *error);

/* A shard that labels: it begins where the count says. LCAP_ERR_FORMAT: not all are counted. */
int label_numbers_take(struct label_pass *pass, struct lcap_error *error);

/* The same by other joints that are checked, of all shards. Takes one of them away. */
void label_numbers_take_from(struct label_pass *pass, struct parts *parts);

#endif
