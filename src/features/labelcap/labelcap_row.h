/* The cells of a row of the profile `labelcap`; its columns point into it. */
#ifndef FEATURES_LABELCAP_LABELCAP_ROW_H
#define FEATURES_LABELCAP_LABELCAP_ROW_H

#include "features/measure/first_packets.h"
#include "features/profile.h"

/* Of a series of lengths or times. */
struct statistics_cells {
    struct lcap_cell min, max, mean, std, variance, skewness, q1, median, q3;
};

struct flag_cells {
    struct lcap_cell fin, syn, rst, psh, ack, urg, ece, cwr, ns;
};

/* Cells for a flow and for each of its directions. */
struct traffic_cells {
    struct lcap_cell packets, bytes, ip_bytes, payload_packets, payload_bytes, header_bytes;
    struct lcap_cell duration, fragments;
    struct lcap_cell packets_per_second, bytes_per_second, payload_bytes_per_second;
    struct lcap_cell subflow_packets, subflow_payload_bytes;
    struct statistics_cells packet_length, payload_length, header_length, gap;
    struct flag_cells flags;
    struct lcap_cell retransmissions, out_of_order, keep_alives, zero_windows;
};

/* Cells only for each direction. */
struct side_cells {
    struct lcap_cell ttl_min, ttl_max, tos, dscp;
    struct lcap_cell window_first, window_min, window_max, window_scale, segment_size;
    struct lcap_cell bulks, bulk_packets, bulk_bytes, bulk_duration;
    struct lcap_cell bulk_packets_mean, bulk_bytes_mean, bulk_rate;
};

struct periods_cells {
    struct lcap_cell count, total, min, max, mean, std;
};

struct labelcap_row {
    struct lcap_cell sample_id, metadata, community_id;
    struct lcap_cell source_address, source_port, destination_address, destination_port;
    struct lcap_cell protocol, protocol_number, ip_version, vlan_id;
    struct lcap_cell start_ns, end_ns, time_backwards;
    struct lcap_cell end_reason, connection_state, icmp_type, icmp_code, dns;
    struct traffic_cells both, forward, backward;
    struct side_cells forward_side, backward_side;
    struct lcap_cell down_up_packets, down_up_bytes;
    struct lcap_cell syn_to_syn_ack, syn_ack_to_ack, handshake;
    struct lcap_cell subflows;
    struct periods_cells active, idle;
    struct first_packets_cells first_packets;
};

extern const struct profile_column labelcap_columns[];

#endif
