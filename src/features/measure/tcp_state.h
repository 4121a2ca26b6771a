/*
 * What the TCP headers of one side of a connection say about its sequence numbers,
 * windows, handshake and end.
 *
 * A segment is a packet with payload, SYN or FIN, and without RST. By its first
 * sequence number it is one of these (numbers wrap around at 2^32):
 *   new at or after the end of all segments seen before retransmission a number
 *   that has been seen before out of order a number below that end that has not
 *   been seen: in a hole, or
 *                   below the first number of all
 * A keep-alive (RFC 9293, 3.8.4: one number below that end, at most one byte,
 * neither SYN nor FIN) and a zero-window probe (3.8.6.1: one byte at that end,
 * while the last window of the other side is 0) are neither. A SYN with a number
 * that has not been seen restarts the numbers of its side. A segment that was lost
 * before it could be captured leaves a hole, so its repetition counts as out of
 * order: the capture does not distinguish the two.
 */
#ifndef FEATURES_MEASURE_TCP_STATE_H
#define FEATURES_MEASURE_TCP_STATE_H

#include "packet/packet_headers.h"
#include <labelcap/error.h>

/* The number of highest holes that are remembered; lower ones count as seen. */
#define TCP_HOLES 32

struct tcp_holes;

/* What has been seen of a side. */
enum tcp_fact {
    TCP_SENT = 0x01,         /* a packet whose TCP flags are known */
    TCP_SENT_SEGMENT = 0x02, /* `next` and `lowest` are set */
    TCP_SENT_SYN = 0x04,     /* without ACK */
    TCP_SENT_SYN_ACK = 0x08,
    TCP_SENT_FIN = 0x10,
    TCP_SENT_RST = 0x20, /* before both sides had sent a FIN */
    TCP_SENT_DATA = 0x40,
    TCP_SENT_ACK = 0x80,        /* a pure ACK */
    TCP_SYN_BEFORE_RST = 0x100, /* before its RST came a SYN and at most data */
    TCP_FIN_BEFORE_RST = 0x200, /* before its RST came a FIN */
};

/* All zero at the beginning. */
struct tcp_side {
    struct tcp_holes *holes; /* NULL = never had one */
    int64_t syn_ns;          /* of the first SYN without ACK */
    int64_t syn_ack_ns;      /* of the first SYN/ACK that came after a SYN of the other side */
    int64_t ack_ns;          /* of the first ACK of that SYN/ACK of the other side */
    uint32_t syn_ack_end;    /* the sequence number after that SYN/ACK */
    uint32_t next;           /* after all segments */
    uint32_t lowest;         /* the first number of all segments */
    uint32_t retransmissions, out_of_order, keep_alives;
    uint32_t zero_windows;                  /* packets with window 0, without SYN, FIN and RST */
    uint16_t first_window;                  /* all windows are unscaled values of the header */
    uint16_t least_window, greatest_window; /* of packets without RST */
    uint16_t last_window;                   /* of packets without RST */
    uint16_t segment_size;                  /* MSS option of its first SYN; 0 = none */
    uint8_t window_scale;                   /* option of its first SYN, where has_scale */
    bool has_scale, has_window, has_first_window;
    bool has_syn_ack_time, has_ack_time;
    uint16_t facts; /* of enum tcp_fact */
};

/* A packet whose TCP flags are known, sent by `own`; `time` does not go back. */
int tcp_side_packet(struct tcp_side *own, struct tcp_side *other,
                    const struct packet_headers *headers, int64_t time, struct lcap_error *error);
void tcp_side_release(struct tcp_side *side);

/*
 * The state of the connection, with the names of Zeek's conn_state:
 *   S0      a SYN, no answer                S1      opened, not closed
 *   SF      both sides sent FIN             REJ     SYN answered by RST
 *   S2      opened, FIN of originator only  S3      opened, FIN of responder only
 *   RSTO    opened, RST of originator       RSTR    opened, RST of responder
 *   RSTOS0  SYN, at most data and then RST of originator, no answer
 *   RSTRH   RST of responder, no SYN of originator, nor its answer to a SYN/ACK
 *   SH      FIN of originator, no SYN/ACK
 *   SHR     FIN of responder, as with RSTRH
 *   OTH     anything else: neither side's SYN was seen, …
 * A connection is opened by SYN and SYN/ACK, by the SYNs of both sides, or, if the
 * SYN was not captured, by a SYN/ACK and any packet of the originator except an
 * RST. The originator is the sender of a SYN, else the receiver of a SYN/ACK, else
 * `forward`. An RST after the FINs of both sides changes nothing, nor does one after
 * the FIN of its side if the other side sends a FIN later.
 */
const char *tcp_connection_state(const struct tcp_side *forward, const struct tcp_side *backward);

#endif
