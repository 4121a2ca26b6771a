/*
 * A row of the netflowmeter profile, and the cells that default and compat mode
 * fill in the same way, from counts and sums of bytes.
 */
#ifndef FEATURES_NETFLOWMETER_NETFLOWMETER_ROW_H
#define FEATURES_NETFLOWMETER_NETFLOWMETER_ROW_H

#include "base/number/exact.h"
#include "features/profile.h"
#include <stddef.h>

/* Forward, backward; cells have a third element for both together. */
enum { NFM_FORWARD, NFM_BACKWARD, NFM_BOTH };

enum { NFM_ACTIVE, NFM_IDLE };

/* FIN, SYN, RST, PSH, ACK, URG, ECE, CWR: the low eight bits of the TCP flags. */
enum { NFM_FLAGS = 8 };

/* What is measured of one direction. */
struct netflowmeter_way {
    uint32_t packets;
    struct power_sums payload; /* bytes of each packet where they are known */
    struct power_sums headers; /* the same of the transport header */
    uint32_t flags[NFM_FLAGS]; /* packets that have the flag, by its bit */
    uint16_t window;           /* of the first packet whose TCP window is known */
    bool has_window, has_flags;
};

struct netflowmeter_row {
    struct lcap_cell sample_id, metadata;
    struct lcap_cell flow_id, timestamp, source, source_port, destination, destination_port;
    struct lcap_cell protocol, duration;
    struct lcap_cell packets[3], payload_total[3];
    struct netflowmeter_payload {
        struct lcap_cell max, min, mean, deviation, variance;
    } payload[3];
    struct netflowmeter_headers {
        struct lcap_cell total, max, min, mean, deviation;
    } headers[3];
    struct lcap_cell segment[3], window[2];
    struct netflowmeter_periods {
        struct lcap_cell min, max, mean, deviation;
    } periods[2]; /* active, idle */
    struct lcap_cell bytes_rate[3], packets_rate[3], down_up;
    struct netflowmeter_bulk {
        struct lcap_cell mean_bytes, mean_packets, rate;
        struct lcap_cell count, bytes, packets, duration;
    } bulk[2];
    struct lcap_cell flags[3][NFM_FLAGS];
    struct netflowmeter_gaps {
        struct lcap_cell mean, deviation, max, min, total;
    } gaps[3];
    struct lcap_cell subflow_packets[2], subflow_bytes[2];
    struct lcap_cell label;
};

/* sampleID and metadata come first, then the columns of the original. */
enum { NFM_OWN_COLUMNS = 2 };
extern const struct profile_column netflowmeter_columns[];

extern const struct column_alias netflowmeter_aliases[];

/* How numbers become cells; NaN stands for an undefined value. */
struct netflowmeter_style {
    struct lcap_cell (*statistic)(double value); /* means and deviations */
    struct lcap_cell (*quotient)(double value);
    struct lcap_cell undefined;
};

/* A packet of this direction whose lengths are known. */
void netflowmeter_way_packet(struct netflowmeter_way *way, uint32_t payload_len,
                             uint32_t header_len);
/* Its TCP header; only the first window counts. */
void netflowmeter_way_flags(struct netflowmeter_way *way, uint16_t flags);
void netflowmeter_way_window(struct netflowmeter_way *way, uint16_t window);

/* Fills all from `packets` to `window`, `down_up` and `flags`. */
void netflowmeter_count_cells(struct netflowmeter_row *row, const struct netflowmeter_way ways[2],
                              const struct netflowmeter_style *style);
void netflowmeter_bulk_means(struct netflowmeter_bulk *cells, uint64_t bulks, uint64_t bytes,
                             uint64_t packets, const struct netflowmeter_style *style);

extern const struct engine_class compat_netflowmeter;

/* What identifies a flow; written once per row. */
struct netflowmeter_names {
    const char *protocol;
    uint8_t family;
    const uint8_t *source, *destination;
    uint16_t ports[2];
    bool unknown_ports;
    const char *time; /* terminated */
    const char *label;
};

/* "2017-07-04T12:17:52.838272000Z" becomes "2017-07-04 12:17:52.838272", without decimals if they
 * are all 0. */
void netflowmeter_trim_time(char *time);

/* Fills `flow_id` to `protocol`, and `label`. The texts are in `text`. */
int netflowmeter_name_cells(struct netflowmeter_row *row, const struct netflowmeter_names *names,
                            struct arena *text, struct lcap_error *error);

#endif
