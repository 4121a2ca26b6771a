/*
 * Passes packets through the header parser to an assembler, in the order of
 * flow/fragment_wait.h; shared by engines that have flows.
 */
#ifndef FEATURES_FLOW_FEED_H
#define FEATURES_FLOW_FEED_H

#include "features/profile.h"
#include "features/unknown_types.h"
#include "flow/assembler.h"
#include "flow/flow_share.h"
#include "flow/fragment_wait.h"
#include <labelcap/flow.h>

/* All zero before flow_feed_init(). */
struct flow_feed {
    struct fragment_wait wait;
    struct assembler *assembler;
    struct flow_share share;         /* the caller's: other packets are counted, but in no flow */
    struct unknown_types *unknown;   /* the caller's; NULL = not counted */
    struct lcap_flow_counts *counts; /* of the call in progress */
};

/* Rules and tunnels are those of the options; the other parameters are as for assembler_new(). */
int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error);

/* Counts the packet, as in a flow or skipped; if it waits, once it joins a flow. */
int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error);

/* A packet of another share, or one that is in no flow: `skip` and its type say why. */
int flow_feed_pass(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                   enum lcap_skip skip, uint16_t unknown_type, struct lcap_flow_counts *counts,
                   struct lcap_error *error);

/* Ends the waits and all flows. */
int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error);
void flow_feed_release(struct flow_feed *feed);

#endif
