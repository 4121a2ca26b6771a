/* The state of an open flow in the profile `labelcap`. */
#ifndef FEATURES_LABELCAP_LABELCAP_STATE_H
#define FEATURES_LABELCAP_LABELCAP_STATE_H

#include "features/measure/activity.h"
#include "features/measure/bulk.h"
#include "features/measure/first_packets.h"
#include "features/measure/quantile_sketch.h"
#include "features/measure/tcp_state.h"
#include "features/measure/value_counts.h"
#include "features/profile.h"

enum { TCP_FLAG_COUNT = 9 };

/*
 * Of the packets in one direction. Volumes that are sums of lengths are
 * computed from the counts.
 */
struct labelcap_side {
    uint64_t packets, ip_bytes;
    int64_t first_time, last_time;
    struct value_counts packet_lengths; /* of the frames on the wire */
    struct value_counts payload_lengths;
    struct value_counts header_lengths; /* IP and transport header */
    struct quantile_sketch gaps;        /* between packets of this direction */
    struct bulk bulk;
    struct tcp_side tcp;
    uint32_t flags[TCP_FLAG_COUNT]; /* packets with the bit number i of the TCP flags */
    uint32_t fragments;
    uint8_t least_ttl, greatest_ttl;
    uint8_t tos; /* of its first packet */
};

/* All zero at the beginning. */
struct labelcap_state {
    struct labelcap_side forward, backward;
    struct quantile_sketch gaps; /* between packets of either direction */
    struct activity activity;
    struct first_packets *first_packets; /* NULL = not requested */
    int64_t time;                        /* the latest so far: the time of the flow */
    uint32_t time_backwards;             /* packets earlier than that */
    uint8_t icmp_type, icmp_code;        /* of its first packet */
};

/* Fills a struct labelcap_row, as profile_measure.row. */
int labelcap_row_fill(const struct row_facts *facts, void *cells, struct lcap_flow_row *summary,
                      struct lcap_error *error);

#endif
