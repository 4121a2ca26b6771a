/* Labelling as one of several shards: what it needs to know, and what its joint says. */
#ifndef DATASET_LABELLING_LABEL_SHARD_H
#define DATASET_LABELLING_LABEL_SHARD_H

#include "dataset/labelling/label_pass_internal.h"
#include "dataset/shard/parts.h"

/* Parts and joints of all shards are no inputs. */
int label_shard_exclude(const struct label_pass_options *options, struct sources *sources,
                        struct lcap_error *error);

/* Begins the shard of a pass whose rules are loaded; nothing if it is none. */
int label_shard_begin(struct label_pass *pass, struct lcap_error *error);

/* The run of a command whose output depends on all options, inputs and rules. */
int label_shard_new_run(const struct label_pass *pass, const char *command, struct shard_run **run,
                        struct lcap_error *error);

/* LCAP_ERR_FORMAT: what another step of this run needs was written by another run. */
int label_shard_check_run(const struct label_pass *pass, const char *command,
                          const struct part *part, struct lcap_error *error);

/* A block was written that is no packet. */
void label_shard_look(struct label_pass *pass, const struct lcap_block *block);

/* Notes in the joint what was counted of an input, of whose packets so many got a label. */
int label_shard_note(struct label_pass *pass, uint32_t file, const struct input_outcome *outcome,
                     uint64_t labelled, struct lcap_error *error);

/* Writes the joint once the part is in its place. */
int label_shard_finish(struct label_pass *pass, struct lcap_error *error);

#endif
