/*
 * A row of the arrays: a flow, a sample or a packet, with its first packets as far as
 * a form needs them.
 */
#ifndef ARRAYS_ARRAY_ROW_H
#define ARRAYS_ARRAY_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A packet with IP. Its headers begin at these places of the packet, in this order:
 * what lies behind `captured` was not captured, or the form does not need it.
 */
struct array_packet {
    uint8_t *data;     /* from the first byte of the link layer on */
    uint32_t captured; /* bytes at `data` */
    uint32_t network;
    uint32_t transport;       /* or what else follows the IP headers */
    uint32_t payload;         /* after the transport header, if there is one */
    uint32_t end;             /* of what was captured of the IP packet, without padding */
    uint32_t server_name;     /* in a ClientHello, if that is to be masked … */
    uint32_t server_name_len; /* … and has one; otherwise 0 */
    uint32_t len;             /* of the whole packet on the wire */
    uint16_t linktype;
    uint8_t family;     /* FAMILY_IPV4 or FAMILY_IPV6 */
    uint8_t protocol;   /* after all extension headers */
    bool has_transport; /* false for later fragments */
    bool encapsulated;  /* headers of another frame or packet come before it */
    bool from_second;   /* sent by the second of the two endpoints of its flow */
    bool forward;       /* sent by the initiator of its flow, or by the sender of the sample's
                           first packet */
    int64_t time_ns;
    uint64_t flow_hash; /* the same for all packets of a flow, in both directions */
};

struct array_row {
    uint64_t sample_id;
    uint64_t flow;          /* its number in the sample, from 0 */
    uint64_t label;         /* the number of its label, in the order in which they came */
    uint64_t total;         /* packets of the flow or sample, of which there are … */
    uint32_t count;         /* … so many here */
    uint32_t output;        /* the number of the one that it goes to */
    uint32_t label_len;     /* of the metadata: */
    bool forward_is_second; /* of a flow: its initiator is its second endpoint */
    const char *label_text;
    struct array_packet *packets;
};

/* The bytes of a packet from `from` up to `to`, as far as they are there. */
struct array_bytes {
    const uint8_t *at;
    uint32_t len;
};

static inline struct array_bytes array_bytes_between(const struct array_packet *packet,
                                                     uint32_t from, uint32_t to)
{
    const uint32_t end = to < packet->captured ? to : packet->captured;
    return from < end ? (struct array_bytes){packet->data + from, end - from}
                      : (struct array_bytes){packet->data, 0};
}

#endif
