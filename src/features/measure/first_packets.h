/* The first packets of a flow as sequences, and its first payload bytes: both are optional. */
#ifndef FEATURES_MEASURE_FIRST_PACKETS_H
#define FEATURES_MEASURE_FIRST_PACKETS_H

#include "base/arena.h"
#include "flow/flow.h"
#include <labelcap/flow.h>

struct first_packet {
    int64_t gap_ns; /* since the previous packet */
    uint32_t len;   /* of the frame on the wire */
    bool forward;
};

/* All zero at the beginning. Memory is allocated as packets come. */
struct first_packets {
    struct first_packet *items;
    size_t count, capacity;
    uint8_t *payload;
    size_t payload_len, payload_capacity;
};

/* Stores what is still wanted of the packet, up to options->sequence_packets packets and
 * options->payload_bytes bytes in all. */
int first_packets_add(struct first_packets *first, const struct lcap_flow_options *options,
                      const struct flow_packet *packet, int64_t gap_ns, struct lcap_error *error);
/* Swaps forward and backward. */
void first_packets_flip(struct first_packets *first);
void first_packets_release(struct first_packets *first);

/* Cells for a row, their text in `arena`. */
struct first_packets_cells {
    struct lcap_cell lengths;    /* SERIES */
    struct lcap_cell directions; /* SERIES: 1 forward, -1 backward */
    struct lcap_cell gaps;       /* SERIES: ns */
    struct lcap_cell payload;    /* TEXT: hexadecimal */
};
int first_packets_write(const struct first_packets *first, struct first_packets_cells *cells,
                        struct arena *arena, struct lcap_error *error);

#endif
