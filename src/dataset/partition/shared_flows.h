/*
 * Which samples share a flow: addresses, ports and protocol, in either direction, and
 * with no longer pause than is given. The order of the packets and of the samples in the
 * file does not matter: the flows of all samples (flow/assembler.h) are sorted, in bounded
 * memory.
 */
#ifndef DATASET_PARTITION_SHARED_FLOWS_H
#define DATASET_PARTITION_SHARED_FLOWS_H

#include "base/hash.h"
#include "dataset/partition/sample_joins.h"
#include "flow/assembler.h"
#include "flow/fragment_wait.h"
#include "sort/sorter.h"

/* All zero before shared_flows_init(). */
struct shared_flows {
    struct fragment_wait wait;
    struct assembler *assembler;
    struct sorter *sorter;
    int64_t within_ns;
    uint8_t key[HASH_KEY_LEN];
};

/*
 * Release it even after an error. `sorting` without a directory: the default one.
 * `within_ns`: the longest pause; INT64_MAX: any.
 */
int shared_flows_init(struct shared_flows *flows, const struct sorter_options *sorting,
                      int64_t within_ns, struct lcap_error *error);
int shared_flows_packet(struct shared_flows *flows, const struct lcap_packet *packet,
                        uint32_t sample, struct lcap_error *error);
/* After the last packet: joins the samples. */
int shared_flows_join(struct shared_flows *flows, struct sample_joins *joins,
                      struct lcap_error *error);
void shared_flows_release(struct shared_flows *flows);

#endif
