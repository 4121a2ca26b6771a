/*
 * Puts packets into flows by the rules of labelcap:
 *
 * Which flow. Packets with the same addresses, ports, protocol, IP version and
 * sample; both directions are one flow unless the rules say unidirectional. A
 * protocol without ports has ports 0. "One-way" below is a flow of a
 * unidirectional table, or one whose two endpoints are the same: all its packets
 * are forward.
 *
 * Direction. The initiator is who sent the first packet, or who it went to where it
 * is a SYN/ACK: that is an answer (RFC 9293, 3.5), whose SYN was not captured. But
 * who sends a SYN without ACK into a flow that has none yet is the initiator
 * whatever came before. Of two sides that both send one (simultaneous open) the
 * first stays the initiator.
 * One-way flows have no other side: there any SYN counts as one without ACK.
 *
 * Time. The capture time runs on with the times of the packets, and never back. A
 * packet with an earlier time than the one before is counted, and may move its
 * flow's first_ns back. One that is earlier by more than CLOCK_JUMP_NS belongs to
 * another capture or sample that begins there: time runs on from it, so that the
 * flows of a file in the order of its samples end, and do not stay in memory. A
 * jump forward after that counts only for what it goes past all times of its sample
 * before, so that packets of two clocks in turn do not make time race, and that the
 * flows of a sample do not depend on what other samples come before it. A packet
 * without a time has that of the one before, 0 before any.
 *
 * End. A flow has ended
 * - when the capture time has run on by more than idle_ns since its last packet, or
 *   when a packet's own time passes its last_ns, or lies before its first_ns, by
 *   more than that: it is of another time;
 * - when a packet comes more than active_ns after its first_ns, or when it has 2^32 - 1
 *   packets, which is the most that is counted. The packet begins
 *   a flow that goes on where the other was cut: the initiator stays the same, and
 *   what is known of the connection too; unless the packet is a SYN as above;
 * - for TCP, when a SYN as above comes from the initiator with another sequence
 *   number than the SYN before it, or from either side after the close; the same
 *   SYN once more is only a repeat, even after the close;
 * - CLOSED_LINGER_NS (or idle_ns where that is less) after the last packet of a
 *   closed connection, by either clock as with idle_ns: so the last ACK and late
 *   repeats are still in it. It is closed by a FIN of each side (one-way: by a
 *   FIN), or by an RST;
 * - when another flow needs its place, and it is the one whose last packet came
 *   before all others'; those of closed connections go first.
 * Where several hold for a packet, the first in this list names the reason.
 *
 * Order. Flows are handed over as they end: those that time out with one packet,
 * open ones first, in the order of their last packets; at the end of the stream in
 * the order of their first packets. Nothing depends on the table's random key.
 */
#ifndef FLOW_ASSEMBLER_H
#define FLOW_ASSEMBLER_H

#include "flow/flow.h"
#include <labelcap/error.h>
#include <labelcap/flow.h>

/* How long a closed connection's flow waits for late packets: FINs are repeated after 7, 14, 28 s.
 */
#define CLOSED_LINGER_NS ((int64_t)30 * 1000000000)

/* Packets are late by less than this; what is earlier still is of another capture. */
#define CLOCK_JUMP_NS ((int64_t)60 * 1000000000)

/* What is done with a flow's packets and with the flow: all but `state_size` and `packet` may be
 * NULL. */
struct flow_measure {
    size_t state_size;
    /* A packet joins the flow; flow->first_ns and last_ns do not have it yet (save the first). */
    int (*packet)(void *context, struct flow *flow, const struct flow_packet *packet,
                  struct lcap_error *error);
    /* Forward and backward change places; forward_is_second is turned already. */
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

/* Ends all flows. Afterwards a new stream may begin, with a capture time of its own. */
int assembler_finish(struct assembler *assembler, struct lcap_error *error);

/*
 * Adds the evictions since the last call to `counts`, and raises
 * its peak of flows. Flows are counted by who hands their rows over.
 */
void assembler_count(struct assembler *assembler, struct lcap_flow_counts *counts);

/* Releases the flows that are left, without handing them over. */
void assembler_free(struct assembler *assembler);

#endif
