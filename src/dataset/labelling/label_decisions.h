/*
 * Decisions about the packets of flows. A shard decides about those of one bucket: which rule
 * labels each, and what its sample is. It writes them into a file with a stream for each shard,
 * which has the decisions about its packets, in their order. When all are there, each shard
 * labels its packets by them.
 */
#ifndef DATASET_LABELLING_LABEL_DECISIONS_H
#define DATASET_LABELLING_LABEL_DECISIONS_H

#include "dataset/labelling/label_pass_internal.h"

#define LABEL_DECISIONS_COMMAND "label --buckets=read"

/* ---- deciding ---- */

/* Decides about the packets of one bucket, and writes that into the part of the shard. */
int label_decisions_write(struct label_pass *pass, struct lcap_error *error);

/* `shard`: whose packet it is; `sample` NULL: no rule labels it. */
int label_decisions_put(struct label_pass *pass, uint32_t shard, const struct lcap_sample *sample,
                        struct lcap_error *error);

/* ---- labelling ---- */

/* What all shards have decided about the packets of one. */
struct label_decisions;

/*
 * Opens the decisions for a shard whose run has begun, and lets it begin where its buckets do.
 * LCAP_ERR_FORMAT: not all shards have decided, or it was with other inputs, rules or options.
 */
int label_decisions_open(struct label_pass *pass, struct lcap_error *error);

/* Labels a packet, as lcap_labeller_label() does. */
int label_decisions_label(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                          const struct lcap_sample **sample, struct lcap_error *error);

/* LCAP_ERR_FORMAT: there are decisions about more packets. */
int label_decisions_check_end(const struct label_decisions *decisions, struct lcap_error *error);

/* NULL is allowed. */
void label_decisions_free(struct label_decisions *decisions);

/* ---- counts ---- */

/* What the shard of this number has counted when it decided: its joint passes that on. */
const struct buffer *label_decisions_notes(const struct label_decisions *decisions);

/* Whether a note is one of these; others are on the run. */
bool label_decisions_is_note(const char *note);

/* Adds such a note to the counts of a labeller. False: its numbers are wrong. */
bool label_decisions_add_note(struct lcap_labeller *labeller, size_t rules, const char *note);

#endif
