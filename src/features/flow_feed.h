/*
 * Passes packets through the header parser to an assembler; shared by engines that
 * have flows.
 *
 * Later fragments that come before their first one wait for it, within the limits
 * of packet/held_fragments.h, and are passed on right before it, with its ports, in
 * order of arrival. The others are passed on with port 0 when their wait is over,
 * oldest first: before the packet that ends the wait, or at the end of the stream.
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

/* Rules and tunnels are those of the options; the other parameters are as for assembler_new(). */
int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error);

/* Counts the packet, as in a flow or skipped; if it waits, once it joins a flow. */
int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error);

/* Ends the waits and all flows. */
int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error);
void flow_feed_release(struct flow_feed *feed);

#endif
