/* Packets through the header parser into an assembler: what engines with flows of our own share. */
#ifndef FEATURES_FLOW_FEED_H
#define FEATURES_FLOW_FEED_H

#include "features/profile.h"

/* All zero before flow_feed_init(). */
struct flow_feed {
    struct header_parser parser;
    struct assembler *assembler;
};

/* Rules and tunnels are those of the options; the rest is as for assembler_new(). */
int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error);

/* Counts the packet, in a flow or skipped. */
int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error);

/* Ends all flows. */
int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error);
void flow_feed_release(struct flow_feed *feed);

#endif
