/* A flow as pcap2json writes it: one JSON value, in pieces, made from packets in a chain. */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_TEXT_H
#define FEATURES_PCAP2JSON_PCAP2JSON_TEXT_H

#include "base/buffer.h"
#include "base/io/chains.h"
#include <labelcap/flow.h>

/* What a chain stores for a packet, followed by its content. Not a file format. */
struct pcap2json_packet {
    int64_t time_ns;
    int64_t sequence; /* of TCP, on the scale of the init_seq of the flow */
    uint32_t data_len;
    uint32_t ip_len;
    int32_t ip_header_len; /* pcap2json computes it in a way that may give less than 0 */
    uint32_t transport_header_len;
    uint32_t content_len;
    uint16_t window, urgent;
    uint8_t flags; /* the lower eight of enum tcp_flag */
    uint8_t tos, ttl;
    bool second;       /* comes from the second endpoint of the flow */
    bool has_sequence; /* otherwise th_seq is 0 */
    uint8_t unknown;   /* what was not captured: of enum pcap2json_unknown */
};

enum pcap2json_unknown {
    UNKNOWN_LENGTHS = 1, /* data_len, 4layer_hdr_len */
    UNKNOWN_SEQUENCE = 2,
    UNKNOWN_FLAGS = 4,
    UNKNOWN_WINDOW = 8,
    UNKNOWN_URGENT = 16,
};

/* Appends a packet and its content. */
int pcap2json_store(struct chains *chains, struct chain *chain,
                    const struct pcap2json_packet *packet, const uint8_t *content,
                    struct lcap_error *error);

/* The positions in the list of last data packets by which pcap2json detects retransmissions. */
struct pcap2json_ring_state {
    uint32_t flag, tail;
};

struct pcap2json_flow {
    bool detail;
    bool bidirectional;
    bool compat;           /* the members of the original, and no others */
    bool nanoseconds;      /* times with the remaining nanoseconds */
    bool source_is_second; /* of its endpoints; forward packets come from there */
    bool has_label;
    uint64_t sample_id;
    const char *metadata; /* NULL: none */
    const char *source, *destination, *protocol;
    uint16_t ports[2];
    bool unknown_ports;
    uint64_t packets; /* in the chain */
    int64_t start_ns;
    int64_t init_seq[2];      /* of the source, of the destination */
    bool unknown_init_seq[2]; /* it has packets, but none whose sequence number was captured */
    uint64_t retransmissions;
    const char *others; /* compat, detail: replaces the content of each packet; NULL: hexadecimal */
    bool has_rings;     /* compat, TCP */
    struct pcap2json_ring_state rings[2]; /* forward, backward */
};

/* All zero before its first use; its buffer is reused for each flow. */
struct pcap2json_text {
    struct pcap2json_flow flow;
    struct chain_reader reader;
    struct buffer out;
    uint64_t packets_left;
    uint32_t content_left; /* of the packet being written */
    enum { PCAP2JSON_HEAD, PCAP2JSON_PACKETS, PCAP2JSON_CONTENT, PCAP2JSON_END } next;
};

/* The texts of the flow and the chain must stay until the text has been read. */
int pcap2json_text_begin(struct pcap2json_text *text, const struct pcap2json_flow *flow,
                         struct chains *chains, const struct chain *chain,
                         struct lcap_error *error);

/* The next piece, a lcap_text_pieces for a struct pcap2json_text. */
int pcap2json_text_next(void *source, const char **piece, size_t *len, struct lcap_error *error);
void pcap2json_text_release(struct pcap2json_text *text);

#endif
