/* A row of the nexusflowmeter profile, and the cells that both modes fill in the same way. */
#ifndef FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_ROW_H
#define FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_ROW_H

#include "features/nexusflowmeter/nexusflowmeter_state.h"
#include "features/profile.h"

struct nexus_row {
    struct lcap_cell sample_id, metadata; /* not in compat mode */
    struct lcap_cell flow_id, source, destination, source_port, destination_port, protocol;
    struct lcap_cell start, end, duration;
    struct lcap_cell packets, forward_packets, backward_packets, bidirectional, ratio;
    struct lcap_cell bytes, forward_bytes, backward_bytes;
    struct lcap_cell payload, forward_payload, backward_payload;
    struct lcap_cell packet_rate, byte_rate;
    struct lcap_cell min_size, max_size, mean_size;
    struct lcap_cell mean_gap, min_gap, max_gap;
    struct lcap_cell flags, syn, fin, rst, ack, state;
};

extern const struct engine_class compat_nexusflowmeter;

extern const struct profile_column nexus_columns[];
extern const struct profile_column nexus_compat_columns[];

/* The endpoints of a flow: texts that outlive the row. */
struct nexus_ends {
    const char *source, *destination, *protocol;
    uint16_t source_port, destination_port;
    bool with_ports; /* in the name of the flow */
    bool brackets;   /* around addresses before a port (RFC 3986, 3.2.2) */
};

/* flow_id, addresses and protocol. */
int nexus_row_ends(const struct nexus_ends *ends, struct arena *arena, struct nexus_row *row,
                   struct lcap_error *error);

/* All integers, and bidirectional. */
void nexus_row_counts(const struct nexus_counts *counts, struct nexus_row *row);

#endif
