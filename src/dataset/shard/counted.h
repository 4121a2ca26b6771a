/*
 * A run of all shards that comes before another one over the same inputs, and tells what each of
 * them has to know of the packets before its own.
 */
#ifndef DATASET_SHARD_COUNTED_H
#define DATASET_SHARD_COUNTED_H

#include "dataset/shard/parts.h"
#include "dataset/shard/shard_run.h"

/* Begins such a run. How packets are read decides nothing about how many there are. */
int counted_begin(struct shard_run **run, struct shard shard, const char *command,
                  const char *output, const struct sources *sources, struct lcap_error *error);

/* Reads its joints, of all shards. LCAP_ERR_FORMAT: not all have counted these inputs. */
int counted_read(struct parts *parts, struct shard shard, const char *command, const char *output,
                 const struct sources *sources, struct lcap_error *error);

/* The counts are proved, so the shard begins where the one before has ended, whose joint it takes.
 */
void counted_go_on(struct shard_run *run, struct parts *parts);

#endif
