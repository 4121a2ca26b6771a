/*
 * The packets of a run of `flows` in buckets: each shard divides its share of the inputs
 * by the flows of all shards, and then reads its own bucket of every shard.
 */
#ifndef TABULATE_FLOWS_FLOWS_BUCKETS_H
#define TABULATE_FLOWS_FLOWS_BUCKETS_H

#include "dataset/shard/packet_buckets.h"
#include "tabulate/flows/flows_plan.h"

/*
 * Writes the buckets of the shard that the request names, and their joint; of the result,
 * fills in the inputs. *is_done as in flows_shard_run().
 */
int flows_buckets_write(const struct flows_plan *plan, struct tabulate_result *result,
                        bool *is_done, struct lcap_error *error);

/* Those of all shards, as one of them reads its own. All zero: none. */
struct flows_buckets {
    struct parts parts;
    struct share_packets *packets;
};

/* LCAP_ERR_FORMAT: they are not all there, or of another run. Release them even after an error. */
int flows_buckets_open(struct flows_buckets *buckets, const struct flows_plan *plan,
                       struct lcap_error *error);
void flows_buckets_release(struct flows_buckets *buckets);

#endif
