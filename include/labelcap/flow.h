/*
 * Flows: packets in, a row of features for each flow out.
 *
 * An extractor takes the packets of one stream in order, puts them into flows,
 * and hands a row to its caller whenever a flow has ended. What the columns of a
 * row are is said by its profile, a constant table.
 *
 *     static int print(void *context, const struct lcap_flow_row *row, struct lcap_error *error);
 *
 *     struct lcap_flow_options options = lcap_flow_defaults(lcap_profile_find("labelcap"), false);
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
 * `row_thread` it has a thread of its own, which calls the sink, until
 * lcap_extractor_finish() or lcap_extractor_free() has returned; counts of flows are
 * to be looked at after one of them only.
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
/* All of them, the default one first; NULL past the last. */
LCAP_API const struct lcap_profile *lcap_profile_at(size_t index);
LCAP_API const char *lcap_profile_name(const struct lcap_profile *profile);
LCAP_API const char *lcap_profile_summary(const struct lcap_profile *profile);
/* Its columns, or those of its compat mode: NULL and 0 where it has none. */
LCAP_API const struct lcap_column *lcap_profile_columns(const struct lcap_profile *profile,
                                                        bool compat, size_t *count);

#define LCAP_TIMEOUT_OFF 0

struct lcap_flow_options {
    const struct lcap_profile *profile;
    bool compat;               /* what the original tool prints, quirks and all; nexusflowmeter: the
                                  rows as it hands them to pandas, which sorts them by bytes */
    bool unidirectional;       /* each direction is a flow of its own */
    bool inner_tunnels;        /* flows of what tunnels carry, not of the tunnels */
    bool detail;               /* pcap2json: header fields and payload of each packet */
    bool row_thread;           /* a second thread makes the rows, the same ones in the same order;
                                  without effect for pcap2json, and in compat mode */
    int64_t idle_ns;           /* a flow without packets for longer has ended; LCAP_TIMEOUT_OFF */
    int64_t active_ns;         /* a flow that lasts longer is cut; LCAP_TIMEOUT_OFF */
    uint64_t max_flows;        /* in memory at once; 0 = no bound. The longest idle one has to go */
    uint32_t sequence_packets; /* labelcap: the first N packets as sequences */
    uint32_t payload_bytes;    /* labelcap: the first N payload bytes as hex */
    const char *label;         /* for rows of packets without a label; NULL = none. Borrowed */
    const char *tmpdir;        /* where what memory cannot hold goes; NULL = /tmp. Borrowed */
    uint64_t memory;           /* pcap2json: bytes of packet content held in memory; 0 = 256 MiB */
};

/* What the profile wants unless the user says otherwise. */
LCAP_API struct lcap_flow_options lcap_flow_defaults(const struct lcap_profile *profile,
                                                     bool compat);

/* A finished flow: valid during the call that hands it over. */
struct lcap_flow_row {
    struct lcap_row row; /* a cell for each column of the profile */
    /* For reports and for choosing the output; the same in every profile. */
    uint64_t number; /* of the flow in the order of first packets, from 0 on over all streams */
    bool has_label;
    uint64_t sample_id;
    const char *metadata;     /* terminated: the sample's, or else the options' label, or "" */
    const char *protocol;     /* "TCP", "UDP", "ICMP", …; as the profile names it. A constant */
    uint8_t family;           /* 4 or 6 for IP; 0 for ARP */
    uint16_t ports[2];        /* source, destination */
    uint8_t addresses[2][16]; /* source, destination; 4 bytes for IPv4 and ARP */
    uint64_t packets, bytes;  /* as the profile counts them: in netflowmeter bytes of payload, in
                                 pcap2json bytes of payload that are written */
    bool bidirectional;       /* has packets both ways */
    bool dns;                 /* port 53, and a DNS header that parses was seen */
    int64_t duration_ns;      /* first to last packet; in compat mode by the original's clock */
};

/* Takes a row. Returns 0, or a negative code, which ends the run; nothing else. */
typedef int lcap_flow_sink(void *context, const struct lcap_flow_row *row,
                           struct lcap_error *error);

/* All are up to date after lcap_extractor_finish(); before it fragments may wait uncounted. */
struct lcap_flow_counts {
    uint64_t packets;                    /* read; the sum of all that follow in this group */
    uint64_t in_flows;                   /* of which in flows */
    uint64_t skipped[LCAP_SKIP_REASONS]; /* of which not, and why */
    uint64_t flows;                      /* rows handed over */
    uint64_t evicted;                    /* of which cut short because max_flows was reached */
    uint64_t time_backwards;             /* packets earlier than the one before of their sample */
    uint64_t unknown_fragments;          /* later fragments whose first one was not seen: ports 0 */
    uint64_t peak_flows;                 /* most flows in memory at once */
};

struct lcap_extractor;

/* LCAP_ERR_ARGUMENT: no profile, a negative time-out, or options that the profile cannot follow.
 * `context` is handed to `sink`. */
LCAP_API int lcap_extractor_new(struct lcap_extractor **extractor,
                                const struct lcap_flow_options *options, lcap_flow_sink *sink,
                                void *context, struct lcap_error *error);

/*
 * Takes a packet, which is needed during the call only; rows of flows that have ended by now may
 * go to the sink. After an error, here or of lcap_extractor_finish(), all that can be done with
 * the extractor is lcap_extractor_free().
 */
LCAP_API int lcap_extractor_packet(struct lcap_extractor *extractor,
                                   const struct lcap_packet *packet, struct lcap_error *error);

/* Ends the stream: all flows that are left become rows, and all rows have gone to the sink when it
 * returns. More packets begin a new one. */
LCAP_API int lcap_extractor_finish(struct lcap_extractor *extractor, struct lcap_error *error);

/* What was counted since the extractor was made. */
LCAP_API const struct lcap_flow_counts *
lcap_extractor_counts(const struct lcap_extractor *extractor);
LCAP_API void lcap_extractor_free(struct lcap_extractor *extractor);

#ifdef __cplusplus
}
#endif

#endif
