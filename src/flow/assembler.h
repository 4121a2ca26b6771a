/*
 * Puts packets into flows by the rules of labelcap:
 *
 * Which flow. Packets with the same addresses, ports, protocol, IP version and
 * sample; both directions are one flow unless the rules say unidirectional. A
 * protocol without ports has ports 0. For ICMP and ICMPv6, the ports are the type and
 * the type of its reply; a type without a reply has its code instead, and its flows
 * have one direction. Fragments whose ports are unknown are in flows of their own.
 * "One-way" below is a flow of a unidirectional table, of an ICMP type without a reply,
 * or one whose two endpoints are the same: all its packets are forward.
 *
 * Direction. The initiator is the sender of the first packet, or its receiver if
 * the packet is a SYN/ACK: that is an answer (RFC 9293, 3.5), whose SYN was not
 * captured. But the sender of the first SYN without ACK in a flow is the initiator,
 * whatever came before. If both sides send one (simultaneous open), the first stays
 * the initiator. One-way flows have no other side: any SYN in them counts as one
 * without ACK.
 *
 * Time. The capture time is that of flow/capture_clock.h. A packet that is earlier
 * than the previous one is counted, and may move the first_ns of its flow back.
 *
 * End. A flow has ended
 * - when the capture time has advanced by more than idle_ns since its last packet,
 *   or when the time of a packet is later than its last_ns, or earlier than its
 *   first_ns, by more than that: the packet belongs to another time. How the capture
 *   time advances between the packets of a sample depends on the other samples. So a
 *   flow of a sample only waits when its time is over: it ends because of idle_ns if
 *   another of its packets comes, and otherwise because there are no more, whatever the
 *   order of the samples. It goes when WAITING_PACKETS packets of any flow have come, or,
 *   if it has waited longest, when another flow needs its place;
 * - when a packet comes more than active_ns after its first_ns, or when it has 2^32
 *   - 1 packets, the maximum count. The packet begins a flow that continues the
 *   other one, with the same initiator and state of the connection, unless the
 *   packet is a SYN as above;
 * - for TCP, when a SYN as above comes from the initiator with a sequence number
 *   other than that of its previous SYN, or from either side after the close; the
 *   same SYN once more is only a repeat, even after the close;
 * - CLOSED_LINGER_NS (or idle_ns if that is less) after the last packet of a closed
 *   connection, by either clock as with idle_ns, so that the last ACK and late
 *   repeats are still in it. It is closed by a FIN of each side (one-way: by a
 *   FIN), or by an RST;
 * - when another flow needs its place and it has been idle the longest; flows of
 *   closed connections go first.
 * If several apply to a packet, the first in this list is the reason.
 *
 * Order. Flows are passed on as they end: of those that time out with one packet, first
 * those that have waited, then open and then closed ones, each in the order of their last
 * packets; at the end of the stream, in the order of their first packets. Nothing
 * depends on the random key of the table.
 *
 * Shares. Of packets of other shares it is told by assembler_pass(), in their turn; then
 * the flows of a share end with the same packets as in a run over all of them, if no
 * flow has to make room.
 */
#ifndef FLOW_ASSEMBLER_H
#define FLOW_ASSEMBLER_H

#include "flow/flow.h"
#include <labelcap/error.h>
#include <labelcap/flow.h>

/* The idle time-out unless the user gives one. */
#define FLOW_IDLE_NS ((int64_t)60 * 1000000000)

/* How long the flow of a closed connection waits for late packets: FINs are repeated after 7,
 * 14, 28 s. */
#define CLOSED_LINGER_NS ((int64_t)30 * 1000000000)

/* Where every packet is a flow, those of the default profile take about 128 MB. */
#define WAITING_PACKETS 131072

/* What is done with a flow and its packets: all except `state_size` and `packet` may be NULL. */
struct flow_measure {
    size_t state_size;
    /*
     * A packet joins the flow; flow->first_ns and last_ns do not include it yet
     * (except the first).
     */
    int (*packet)(void *context, struct flow *flow, const struct flow_packet *packet,
                  struct lcap_error *error);
    /* Forward and backward are swapped; forward_is_second has already changed. */
    void (*flip)(void *context, struct flow *flow);
    /* The flow has ended: flow->end says why. */
    int (*ended)(void *context, struct flow *flow, struct lcap_error *error);
    /* Frees what its state owns; called once for each flow, after `ended` or without it. */
    void (*release)(void *context, struct flow *flow);
};

struct assembler_rules {
    bool unidirectional;
    int64_t idle_ns, active_ns; /* LCAP_TIMEOUT_OFF */
    uint64_t max_flows;         /* in memory at once; 0 = no bound */
    bool has_share;             /* flows are numbered by their first packets */
};

struct assembler;

int assembler_new(struct assembler **assembler, const struct assembler_rules *rules,
                  const struct flow_measure *measure, void *context, struct lcap_error *error);

/*
 * `sample`: the caller's number of the packet's sample, or NO_SAMPLE.
 * After an error, of memory or of `measure`, only assembler_free() makes sense.
 */
int assembler_packet(struct assembler *assembler, const struct lcap_packet *packet,
                     const struct packet_headers *headers, uint32_t sample,
                     struct lcap_error *error);

/* A packet of a flow of another share. */
int assembler_pass(struct assembler *assembler, const struct lcap_packet *packet, uint32_t sample,
                   struct lcap_error *error);

/* Ends all flows. Then a new stream may begin, with its own capture time. */
int assembler_finish(struct assembler *assembler, struct lcap_error *error);

/*
 * Adds the evictions since the last call to `counts`, and raises its peak of flows.
 * Whoever passes rows on counts the flows.
 */
void assembler_count(struct assembler *assembler, struct lcap_flow_counts *counts);

/* Releases the remaining flows, without passing them on. */
void assembler_free(struct assembler *assembler);

#endif
