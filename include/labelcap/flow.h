/*
 * Flows: takes packets and returns a row of features for each flow.
 *
 * An extractor takes the packets of one stream in order, groups them into flows,
 * and passes a row to its caller whenever a flow has ended. A profile, which is a
 * constant table, defines the columns of a row.
 *
 *     static int print(void *context, const struct lcap_flow_row *row, struct lcap_error *error);
 *
 *     struct lcap_flow_options options = {.size = sizeof options};
 *     lcap_flow_defaults(&options, lcap_profile_find("labelcap"), false);
 *     struct lcap_extractor *flows = NULL;
 *     int rc = lcap_extractor_new(&flows, &options, print, context, &error);
 *     while (rc == 0 && (rc = lcap_reader_next(in, &block, &error)) == 1)
 *         rc = block->kind == LCAP_BLOCK_PACKET
 *                  ? lcap_extractor_packet(flows, &block->packet, &error)
 *                  : 0;
 *     if (rc == 0)
 *         rc = lcap_extractor_finish(flows, &error);
 *     lcap_extractor_free(flows);
 *
 * Threads: profiles are constant; an extractor belongs to one thread at a time. With
 * `threads` above 1 it has threads of its own, one of which at a time may call the sink
 * until lcap_extractor_finish() or lcap_extractor_free() has returned; read the counts
 * of flows only after one of them.
 */
#ifndef LABELCAP_FLOW_H
#define LABELCAP_FLOW_H

#include <labelcap/error.h>
#include <labelcap/packet.h>
#include <labelcap/row.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lcap_profile;

/* The profile of that name, or NULL. */
LCAP_API const struct lcap_profile *lcap_profile_find(const char *name);
/* All profiles, the default one first; NULL after the last one. */
LCAP_API const struct lcap_profile *lcap_profile_at(size_t index);
LCAP_API const char *lcap_profile_name(const struct lcap_profile *profile);
LCAP_API const char *lcap_profile_summary(const struct lcap_profile *profile);
/* How many columns a profile has, or its compat mode (0: it has none), and one of them, whose
 * index must be below that count. */
LCAP_API size_t lcap_profile_columns(const struct lcap_profile *profile, bool compat);
LCAP_API const struct lcap_column *lcap_profile_column(const struct lcap_profile *profile,
                                                       bool compat, size_t index);

#define LCAP_TIMEOUT_OFF 0

struct lcap_flow_options {
    size_t size; /* of this struct */
    const struct lcap_profile *profile;
    bool compat;         /* what the original tool prints, including its errors;
                            nexusflowmeter: the rows before pandas sorts them by bytes */
    bool unidirectional; /* each direction is a flow of its own */
    bool inner_tunnels;  /* flows inside tunnels instead of flows of tunnels */
    bool detail;         /* pcap2json: header fields and payload of each packet */
    bool row_thread;     /* no effect any more: see `threads` */
    int64_t idle_ns;     /* a flow without packets for longer ends; LCAP_TIMEOUT_OFF */
    int64_t active_ns;   /* a flow that lasts longer is cut; LCAP_TIMEOUT_OFF */
    uint64_t max_flows;  /* in memory at once; 0 = no limit. The longest idle flow ends early */
    uint32_t sequence_packets; /* labelcap: the first N packets as sequences */
    uint32_t payload_bytes;    /* labelcap: the first N payload bytes in hexadecimal */
    const char *metadata;      /* of packets without a label; NULL = none. Borrowed */
    const char *tmpdir;        /* for what does not fit into memory; NULL = /tmp. Borrowed */
    uint64_t memory;           /* pcap2json: bytes of packet contents in memory; 0 = 256 MiB */
    unsigned threads;          /* the caller's included: so many measure flows and make their rows,
                                  the same ones in the same order; 0 = 1. No effect for pcap2json
                                  and in compat mode */
};

/* Fills options whose size is set with the defaults of the profile. */
LCAP_API void lcap_flow_defaults(struct lcap_flow_options *options,
                                 const struct lcap_profile *profile, bool compat);

/* A finished flow, valid during the call that passes it. A result, which may grow. */
struct lcap_flow_row {
    struct lcap_row row; /* a cell for each column of the profile */
    /* For reports and for choosing the output; the same in every profile. */
    uint64_t number; /* of the flow in the order of first packets, from 0, over all streams */
    bool has_label;
    uint64_t sample_id;
    const char *metadata; /* terminated: that of the sample, else that of the options, else "" */
    const char *protocol; /* "TCP", "UDP", "ICMP", …; as the profile names it. A constant */
    uint8_t family;       /* 4 or 6 for IP; 0 for ARP */
    uint16_t ports[2];    /* source, destination; 0 without ports, or if they are unknown */
    uint8_t addresses[2][16]; /* source, destination; 4 bytes for IPv4 and ARP */
    uint64_t packets, bytes;  /* as the profile counts them: bytes of payload in netflowmeter, bytes
                                 of payload written in pcap2json */
    bool bidirectional;       /* has packets in both directions */
    bool dns;                 /* a valid DNS header was seen on port 53 */
    int64_t duration_ns;      /* first to last packet; in compat mode as the original computes it */
    uint64_t order[3];        /* of the rows of a stream, compared one by one; 0 in compat mode */
};

/* Takes a row. Returns 0, or a negative code, which ends the run. */
typedef int lcap_flow_sink(void *context, const struct lcap_flow_row *row,
                           struct lcap_error *error);

/*
 * Up to date after lcap_extractor_finish(); before that, waiting fragments are not
 * counted. A result, which may grow.
 */
struct lcap_flow_counts {
    uint64_t packets;                    /* read: the sum of in_flows and all of skipped */
    uint64_t labelled;                   /* of them, those with a label */
    uint64_t in_flows;                   /* packets that are in flows */
    uint64_t flows;                      /* rows passed to the sink */
    uint64_t evicted;                    /* flows ended early because of max_flows */
    uint64_t time_backwards;             /* packets earlier than the previous one of their sample */
    uint64_t unknown_fragments;          /* later fragments without their first one: no ports */
    uint64_t peak_flows;                 /* most flows in memory at once */
    uint64_t skipped[LCAP_SKIP_REASONS]; /* packets that are not in flows, by reason; last, because
                                            there may be more reasons one day */
};

/* A link type or an Ethernet type that keeps packets out of flows. */
struct lcap_unknown_type {
    enum lcap_skip reason; /* LCAP_SKIP_LINK_TYPE; or LCAP_SKIP_NO_IP, of an Ethernet type */
    uint16_t number;
    uint64_t packets;
};

struct lcap_extractor;

/* LCAP_ERR_ARGUMENT: no profile, a negative time-out, or options that the profile cannot follow.
 * `context` is passed to `sink`. */
LCAP_API LCAP_MUST_USE int lcap_extractor_new(struct lcap_extractor **extractor,
                                              const struct lcap_flow_options *options,
                                              lcap_flow_sink *sink, void *context,
                                              struct lcap_error *error);

/*
 * Takes a packet, which is needed only during the call; rows of flows that have ended may be
 * passed to the sink. After an error of this function or of lcap_extractor_finish(), the only
 * call allowed is lcap_extractor_free().
 */
LCAP_API LCAP_MUST_USE int lcap_extractor_packet(struct lcap_extractor *extractor,
                                                 const struct lcap_packet *packet,
                                                 struct lcap_error *error);

/* Ends the stream: ends all flows; when it returns, all rows have been passed to the sink. Further
 * packets begin a new stream. */
LCAP_API LCAP_MUST_USE int lcap_extractor_finish(struct lcap_extractor *extractor,
                                                 struct lcap_error *error);

/* The counts since the extractor was created. */
LCAP_API const struct lcap_flow_counts *
lcap_extractor_counts(const struct lcap_extractor *extractor);

/*
 * The unknown types since then, in the order in which they were seen: false past the last one.
 * Only the first 64 are told apart, and not all packets without IP have an Ethernet type;
 * `skipped` counts all. In compat mode there are none.
 */
LCAP_API bool lcap_extractor_unknown_type(const struct lcap_extractor *extractor, size_t index,
                                          struct lcap_unknown_type *type);
LCAP_API void lcap_extractor_free(struct lcap_extractor *extractor);

#ifdef __cplusplus
}
#endif

#endif
