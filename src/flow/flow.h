/*
 * A flow: packets of one sample that share addresses, ports and protocol. Its
 * measurements follow it in memory and belong to whoever measures.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/sample_registry.h"
#include "packet/packet_headers.h"
#include <stdbool.h>
#include <stdint.h>

/*
 * What distinguishes flows: compared and hashed as bytes, so every byte must be
 * set. In a bidirectional table the lower endpoint (address, then port) comes
 * first.
 */
struct flow_key {
    uint8_t address[2][16];
    uint16_t port[2]; /* ICMP and ICMPv6: as in struct packet_headers */
    uint8_t family;
    uint8_t protocol;
    uint16_t unknown_ports; /* 1: fragments of a packet whose first one was not seen */
    uint32_t sample;        /* the caller's number of it, or NO_SAMPLE */
};

/* flowEndReason of IPFIX (RFC 5102, 5.11.3). */
enum flow_end {
    FLOW_END_IDLE = 1,
    FLOW_END_ACTIVE = 2,
    FLOW_END_CLOSED = 3, /* the end of a TCP connection was seen, or the beginning of the next */
    FLOW_END_FORCED = 4, /* the capture ended */
    FLOW_END_RESOURCES = 5,
    FLOW_END_NO_MORE = 6, /* no more packets of a labelled flow: not of IPFIX */
};

/*
 * Where the row of a flow comes among those of its stream: compared field by field. What
 * counts packets counts those of all shares.
 */
struct flow_order {
    uint64_t packet; /* the packet with which it ended; UINT64_MAX: the end of the stream */
    uint64_t step;   /* of those that the packet makes end: see enum flow_step */
    uint64_t place;  /* in the step: its last packet, or at the end its first one */
};

struct flow {
    struct flow_key key;
    uint32_t packets;           /* that joined it */
    uint64_t number;            /* in the order of their first packets, from 0; with shares, the
                                   number of the first packet itself */
    uint64_t last_packet;       /* the number of its last packet */
    uint64_t due_packet;        /* of a flow that waits: the last packet that may come before */
    struct flow_order order;    /* once it has ended */
    int64_t first_ns, last_ns;  /* minimum and maximum time of its packets */
    int64_t seen_ns;            /* the capture time of its last packet */
    struct flow *older, *newer; /* in one of the table's lists */
    uint32_t hash;              /* of its key; used by the table once it has been removed */
    uint32_t syn_seq;           /* of the initiator's SYN */
    uint16_t vlan;              /* of its first packet; VLAN_NONE */
    uint8_t list;               /* the list that contains it */
    uint8_t end;                /* enum flow_end once it has ended */
    bool forward_is_second;     /* forward packets come from endpoint key.address[1] */
    uint8_t close_state;        /* private to the assembler */
    bool dns;                   /* a DNS header was seen in it */
    /* Its measurements: flow_state(). */
};

/* Bytes of a flow followed by a state of `state_size` bytes, both aligned for any type. */
static inline size_t flow_size(size_t state_size)
{
    return ((sizeof(struct flow) + 15) & ~(size_t)15) + ((state_size + 15) & ~(size_t)15);
}

/* Its measurements, zeroed at the beginning. */
static inline void *flow_state(const struct flow *flow)
{
    return (uint8_t *)flow + flow_size(0);
}

/* A packet of that time has joined it. */
static inline void flow_note_time(struct flow *flow, int64_t time_ns)
{
    if (time_ns < flow->first_ns)
        flow->first_ns = time_ns;
    if (time_ns > flow->last_ns)
        flow->last_ns = time_ns;
}

/* 0 if forward packets come from key.address[0]. */
static inline int flow_source(const struct flow *flow)
{
    return flow->forward_is_second;
}

static inline bool flow_is_tcp(const struct flow *flow)
{
    return flow->key.family != FAMILY_ARP && flow->key.protocol == IP_PROTOCOL_TCP;
}

/* False also if its protocol has none. */
static inline bool flow_has_ports(const struct flow *flow)
{
    return protocol_has_ports(flow->key.protocol) && !flow->key.unknown_ports;
}

/* Of key.address[end]; 0 without ports. */
static inline uint16_t flow_port(const struct flow *flow, int end)
{
    return flow_has_ports(flow) ? flow->key.port[end] : 0;
}

/* A packet on its way into a flow. */
struct flow_packet {
    const struct packet_headers *headers;
    const struct lcap_packet *packet;
    int64_t time_ns;
    bool forward; /* from the flow's initiator */
};

#endif
