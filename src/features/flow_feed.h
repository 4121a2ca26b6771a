/*
 * Passes packets through the header parser to an assembler; shared by engines that
 * have flows.
 *
 * Fragments that have to wait for another one do so within the limits of
 * packet/held_fragments.h: later ones that come before their first one wait for its
 * ports, and first ones that are too short for the flags of TCP wait for the next one.
 * All of a packet are passed on right before the fragment that they waited for, in
 * order of arrival. The others are passed on with what is known when their wait is
 * over, oldest first: before the packet that ends the wait, or at the end of the
 * stream. Packets without a time do not wait.
 */
#ifndef FEATURES_FLOW_FEED_H
#define FEATURES_FLOW_FEED_H

#include "features/profile.h"
#include "features/unknown_types.h"
#include "packet/held_fragments.h"
#include <labelcap/flow.h>

/* All zero before flow_feed_init(). */
struct flow_feed {
    struct header_parser parser;
    struct held_fragments held;
    struct assembler *assembler;
    struct unknown_types *unknown; /* the caller's; NULL = not counted */
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
