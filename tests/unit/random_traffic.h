/*
 * Random packets and random filters from small pools of addresses and ports,
 * so that they meet often. Deterministic: the caller gives the seed.
 */
#ifndef TESTS_RANDOM_TRAFFIC_H
#define TESTS_RANDOM_TRAFFIC_H

#include "base/bytes.h"
#include "capture/linktype.h"
#include <labelcap/capture.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct random {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood, 2014). */
static inline uint32_t random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static inline uint32_t random_below(struct random *r, uint32_t limit)
{
    return random_next(r) % limit;
}

#define RANDOM_HOSTS 6
#define RANDOM_PORTS 8

static inline uint32_t random_address(struct random *r)
{
    static const uint32_t nets[] = {0x0A010000, 0x0A010200, 0xC0A80000};
    return nets[random_below(r, 3)] + 1 + random_below(r, RANDOM_HOSTS);
}

static inline uint16_t random_port(struct random *r)
{
    static const uint16_t ports[RANDOM_PORTS] = {53, 80, 443, 1000, 1500, 2000, 8080, 65535};
    return ports[random_below(r, RANDOM_PORTS)];
}

/* 2001:db8::1 and on, one of two nets. */
static inline void random_address6(struct random *r, uint8_t out[16])
{
    static const uint8_t net[16] = {0x20, 0x01, 0x0D, 0xB8};
    memcpy(out, net, 16);
    out[7] = (uint8_t)random_below(r, 2);
    out[15] = (uint8_t)(1 + random_below(r, RANDOM_HOSTS));
}

struct random_packet {
    uint8_t data[256];
    uint32_t len;
};

static inline uint8_t *random_room(struct random_packet *p, uint32_t len)
{
    uint8_t *at = p->data + p->len;
    memset(at, 0, len);
    p->len += len;
    return at;
}

static inline void random_transport(struct random *r, struct random_packet *p, uint8_t protocol)
{
    uint8_t *at = random_room(p, 20 + random_below(r, 30));
    if (protocol == 1 || protocol == 58) {
        at[0] = (uint8_t)random_below(r, 20);
        at[1] = (uint8_t)random_below(r, 4);
        return;
    }
    store16(at, random_port(r), true);
    store16(at + 2, random_port(r), true);
    at[12] = 0x50;
    at[13] = (uint8_t)random_below(r, 64);
}

static inline uint8_t random_protocol(struct random *r)
{
    static const uint8_t protocols[] = {6, 6, 6, 17, 17, 132, 1, 47};
    return protocols[random_below(r, sizeof protocols)];
}

static inline void random_ipv4(struct random *r, struct random_packet *p)
{
    uint32_t header = random_below(r, 4) ? 20 : 24 + 4 * random_below(r, 3);
    uint8_t protocol = random_protocol(r);
    uint8_t *at = random_room(p, header);
    at[0] = (uint8_t)(0x40 | header / 4);
    at[1] = (uint8_t)random_below(r, 8);
    store16(at + 2, (uint16_t)(40 + random_below(r, 1400)), true);
    if (random_below(r, 6) == 0)
        store16(at + 6, (uint16_t)random_below(r, 0x2002), true);
    at[8] = (uint8_t)(1 + random_below(r, 3));
    at[9] = protocol;
    store32(at + 12, random_address(r), true);
    store32(at + 16, random_address(r), true);
    random_transport(r, p, protocol);
}

static inline void random_ipv6(struct random *r, struct random_packet *p)
{
    uint8_t protocol = random_below(r, 8) ? random_protocol(r) : 44;
    uint8_t *at = random_room(p, 40);
    if (protocol == 1)
        protocol = 58;
    at[0] = 0x60;
    at[6] = protocol;
    random_address6(r, at + 8);
    random_address6(r, at + 24);
    if (protocol == 44) {
        protocol = 6;
        random_room(p, 8)[0] = protocol;
    }
    random_transport(r, p, protocol);
}

static inline void random_arp(struct random *r, struct random_packet *p)
{
    uint8_t *at = random_room(p, 28);
    store32(at, 0x00010800, true);
    store32(at + 4, 0x06040001, true);
    store32(at + 14, random_address(r), true);
    store32(at + 24, random_address(r), true);
}

/* Returns the Ethernet type of what it appends. */
static inline uint16_t random_network(struct random *r, struct random_packet *p)
{
    uint32_t kind = random_below(r, 16);
    if (kind == 0) {
        random_arp(r, p);
        return 0x0806;
    }
    if (kind < 5) {
        random_ipv6(r, p);
        return 0x86DD;
    }
    random_ipv4(r, p);
    return 0x0800;
}

static inline void random_ethernet(struct random *r, struct random_packet *p)
{
    uint8_t *at = random_room(p, 14);
    uint32_t tags = random_below(r, 5) ? 0 : 1 + random_below(r, 2);
    at[5] = (uint8_t)random_below(r, 3);
    at[11] = (uint8_t)random_below(r, 3);
    uint8_t *type = at + 12;
    for (; tags > 0; tags--) {
        store16(type, tags == 2 ? 0x88A8 : 0x8100, true);
        uint8_t *tag = random_room(p, 4);
        store16(tag, (uint16_t)random_below(r, 4), true);
        type = tag + 2;
    }
    if (random_below(r, 10) == 0) { /* MPLS: one label, bottom of stack */
        store16(type, 0x8847, true);
        store32(random_room(p, 4), (random_below(r, 3) + 100) << 12 | 0x140, true);
        random_ipv4(r, p);
        return;
    }
    store16(type, random_network(r, p), true);
}

static inline void random_packet(struct random *r, uint16_t linktype, struct random_packet *p)
{
    p->len = 0;
    switch (linktype) {
    case LINKTYPE_ETHERNET:
        random_ethernet(r, p);
        return;
    case LINKTYPE_LINUX_SLL: {
        uint8_t *header = random_room(p, 16);
        header[1] = (uint8_t)random_below(r, 5);
        store16(header + 14, random_network(r, p), true);
        return;
    }
    case LINKTYPE_NULL: {
        uint8_t *header = random_room(p, 4);
        uint16_t type = random_network(r, p);
        store32(header, type == 0x0800 ? 2 : 30, HOST_BIG_ENDIAN);
        return;
    }
    default: /* LINKTYPE_RAW, and bytes for whatever else */
        random_network(r, p);
    }
}

struct random_text {
    char text[4096];
    size_t len;
};

static inline void random_print(struct random_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void random_print(struct random_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    t->len += (size_t)vsnprintf(t->text + t->len, sizeof t->text - t->len, format, args);
    va_end(args);
}

static inline const char *random_direction(struct random *r)
{
    static const char *const directions[] = {"", "src ", "dst ", "src and dst "};
    return directions[random_below(r, 4)];
}

static inline void random_print_host(struct random *r, struct random_text *t)
{
    uint32_t a = random_address(r);
    random_print(t, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static inline void random_print_net(struct random *r, struct random_text *t)
{
    uint32_t bits = 8 + random_below(r, 25);
    uint32_t a = random_address(r) & (UINT32_MAX << (32 - bits));
    random_print(t, "%snet %u.%u.%u.%u/%u", random_direction(r), a >> 24, a >> 16 & 255,
                 a >> 8 & 255, a & 255, bits);
}

static inline void random_print_host6(struct random *r, struct random_text *t)
{
    uint8_t a[16];
    random_address6(r, a);
    if (random_below(r, 4) == 0)
        random_print(t, "ip6 %snet 2001:db8:0:%x::/64", random_direction(r), a[7]);
    else
        random_print(t, "ip6 %shost 2001:db8:0:%x::%x", random_direction(r), a[7], a[15]);
}

static inline void random_print_five_tuple(struct random *r, struct random_text *t)
{
    random_print(t, "%s and src host ", random_below(r, 2) ? "tcp" : "udp");
    random_print_host(r, t);
    random_print(t, " and dst host ");
    random_print_host(r, t);
    random_print(t, " and src port %u and dst port %u", random_port(r), random_port(r));
}

static inline void random_print_fixed(struct random *r, struct random_text *t)
{
    static const char *const fixed[] = {
        "tcp",
        "udp",
        "ip",
        "ip6",
        "arp",
        "sctp",
        "icmp",
        "icmp6",
        "vlan",
        "mpls 101",
        "vlan 2 and ip",
        "vlan and vlan and tcp",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
        "tcp[13] & 7 != 0",
        "ip[8] < 2",
        "ip[2:2] > 576",
        "ip[0] & 0xf != 5",
        "icmp[icmptype] = icmp-echo",
        "ip[6:2] & 0x1fff = 0",
        "ip6 protochain 6",
        "ip6[6] = 44",
        "ether[5] = 1",
        "ether host 00:00:00:00:00:01",
        "len > 60",
        "less 70",
        "greater 80",
        "len - 14 > ip[2:2]",
        "ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2) != 0",
        "tcp[0:2] = tcp[2:2]",
        "ip[12] ^ ip[16] = 0",
        "ip[8] * 2 + 1 = 5",
        "ip[9] / 2 = 3",
        "ip[8] % 2 = 1",
        "ip[8] / ip[1] > 0",
        "ip[1] << ip[8] > 3",
        "proto 47",
        "ip proto \\tcp",
        "port http",
        "broadcast",
        "inbound",
        "ip and len >= 0",
        "tcp and udp",
    };
    random_print(t, "%s", fixed[random_below(r, sizeof fixed / sizeof *fixed)]);
}

static inline void random_print_primitive(struct random *r, struct random_text *t)
{
    static const char *const transports[] = {"", "tcp ", "udp ", "sctp "};
    const char *transport = transports[random_below(r, 4)];
    switch (random_below(r, 9)) {
    case 0:
    case 1:
        random_print(t, "%shost ", random_direction(r));
        random_print_host(r, t);
        break;
    case 2:
        random_print_net(r, t);
        break;
    case 3:
        random_print(t, "%s%sport %u", transport, random_direction(r), random_port(r));
        break;
    case 4: {
        uint16_t a = random_port(r), b = random_port(r);
        random_print(t, "%s%sportrange %u-%u", transport, random_direction(r), a < b ? a : b,
                     a < b ? b : a);
        break;
    }
    case 5:
        random_print_host6(r, t);
        break;
    case 6:
        random_print_five_tuple(r, t);
        break;
    default:
        random_print_fixed(r, t);
    }
}

/* One to four primitives with and, or, not and parentheses. */
static inline void random_filter(struct random *r, struct random_text *t)
{
    uint32_t more = random_below(r, 8) < 5 ? 0 : 1 + random_below(r, 3);
    uint32_t open = 0;
    t->len = 0;
    for (;; more--) {
        if (random_below(r, 8) == 0)
            random_print(t, "not ");
        if (more > 0 && random_below(r, 4) == 0) {
            random_print(t, "(");
            open++;
        }
        random_print_primitive(r, t);
        if (more == 0)
            break;
        random_print(t, random_below(r, 2) ? " and " : " or ");
    }
    while (open-- > 0)
        random_print(t, ")");
}

#endif
