/*
 * Labels packets of flows in shares. A labeller of each share decides the rules of the packets
 * in its flows, in the order of the capture: it is told of all other packets, because waits and
 * time-outs depend on them. Another labeller takes these decisions, for any part of the capture.
 */
#ifndef LABEL_LABELLER_LABELLER_SHARES_H
#define LABEL_LABELLER_LABELLER_SHARES_H

#include "flow/flow_share.h"
#include <labelcap/label.h>

/* ---- deciding ---- */

/*
 * The labeller is that of one share. Of those it labels, lcap_labeller_settled() numbers only
 * packets of its share.
 */
void labeller_take_share(struct lcap_labeller *labeller, struct flow_share share);

/* Whether the packet that was labelled last is of the share, as all are but for fragments. */
bool labeller_shares_packet(const struct lcap_labeller *labeller);

/* A packet of another share, or of none, of which time and captured length are known. */
int labeller_pass(struct lcap_labeller *labeller, uint32_t file, const struct lcap_packet *packet,
                  enum lcap_skip skip, struct lcap_error *error);

/* A block between packets: fragments do not wait without end, and not in another section. */
int labeller_pass_block(struct lcap_labeller *labeller, const struct lcap_block *block,
                        struct lcap_error *error);

/* What only the labellers of shares can count, besides the samples of rules: these may be added.
 */
struct labeller_flow_counts {
    uint64_t samples; /* of flows, of all rules */
    uint64_t lost_fragments;
    uint64_t cut_flows;
};

struct labeller_flow_counts labeller_flow_counts(const struct lcap_labeller *labeller);
void labeller_add_flow_counts(struct lcap_labeller *labeller,
                              const struct labeller_flow_counts *counts);

/* Whether the samples of a rule are counted by the flows that they are of. */
bool labeller_counts_in_flows(const struct lcap_labeller *labeller, uint32_t rule);
void labeller_add_flow_samples(struct lcap_labeller *labeller, uint32_t rule, uint64_t samples);

/* ---- taking decisions ---- */

/* Sets *share to the one, of so many, that decides about the packet. False: none does. */
bool labeller_find_share(struct lcap_labeller *labeller, const struct lcap_packet *packet,
                         uint32_t shares, uint32_t *share);

/* Labels a packet about which no share decides. Returns as lcap_labeller_label(). */
int labeller_label_unshared(struct lcap_labeller *labeller, uint32_t file,
                            const struct lcap_packet *packet, const struct lcap_sample **sample,
                            struct lcap_error *error);

/* Labels a packet by a rule that is there, or NO_RULE. `id`: of its sample. */
int labeller_label_decided(struct lcap_labeller *labeller, uint32_t file, uint32_t rule,
                           uint64_t id, const struct lcap_sample **sample,
                           struct lcap_error *error);

#endif
