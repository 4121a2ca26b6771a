/*
 * Packets through the header parser into an assembler: what engines with flows of
 * their own share.
 *
 * Later fragments that come before their first one wait for it, within the bounds of
 * capture/held_fragments.h, and go in right before it, with its ports, in the order
 * in which they came. The others go in with port 0 when their wait is over, oldest
 * first: before the packet that ends it is looked at, or at the end of the stream.
 * Packets without a time do not wait.
 */
#ifndef FEATURES_FLOW_FEED_H
#define FEATURES_FLOW_FEED_H

#include "features/profile.h"
#include "packet/held_fragments.h"
#include <labelcap/flow.h>

/* All zero before flow_feed_init(). */
struct flow_feed {
    struct header_parser parser;
    struct held_fragments held;
    struct assembler *assembler;
};

/* Rules and tunnels are those of the options; the rest is as for assembler_new(). */
int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error);

/* Counts the packet, in a flow or skipped; where it waits, once it goes into a flow. */
int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error);

/* Ends the waits and all flows. */
int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error);
void flow_feed_release(struct flow_feed *feed);

#endif
