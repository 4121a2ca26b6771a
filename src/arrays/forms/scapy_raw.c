/*
 * The layers of `scapy.all` by the bytes that they take: a layer of an application by its
 * ports, tunnels and the packets that errors of ICMP quote header by header.
 */
#include "arrays/forms/scapy_raw.h"

#include "packet/link_headers.h"
#include "packet/packet_headers.h"

enum { ALL = UINT16_MAX, PROTOCOL_VRRP = 112 };

/* What comes next, unless it is a protocol of IP: Raw, nothing, or what the Ethernet type says. */
enum { HERE = -1, GONE = -2, NETWORK = -3 };

/* A walk from header to header. */
struct walk {
    const struct array_packet *packet;
    uint32_t at; /* of the next header */
    int next;    /* which that is */
    uint16_t type;
};

static uint8_t byte_at(const struct walk *w, uint32_t at)
{
    return at < w->packet->captured ? w->packet->data[at] : 0;
}

static uint16_t number_at(const struct walk *w, uint32_t at)
{
    return (uint16_t)(byte_at(w, at) << 8 | byte_at(w, at + 1));
}

static void go(struct walk *w, uint32_t bytes, int next)
{
    w->at += bytes;
    w->next = next;
}

/* ---- layers above ports ---- */

enum ports { EITHER, TO, BOTH };

static const struct layer {
    uint8_t protocol;
    uint8_t ports;
    uint16_t first, last;
    uint16_t taken; /* bytes of the payload */
} layers[] = {
    {IP_PROTOCOL_UDP, EITHER, 53, 53, ALL},     /* DNS */
    {IP_PROTOCOL_UDP, EITHER, 5353, 5353, ALL}, /* mDNS */
    {IP_PROTOCOL_UDP, EITHER, 88, 88, ALL},     /* Kerberos */
    {IP_PROTOCOL_UDP, BOTH, 67, 68, ALL},       /* DHCP */
    {IP_PROTOCOL_UDP, TO, 546, 547, ALL},       /* DHCPv6 */
    {IP_PROTOCOL_UDP, EITHER, 1985, 1985, 20},  /* HSRP */
    {IP_PROTOCOL_UDP, EITHER, 4500, 4500, ALL}, /* ESP, or IKE */
    {IP_PROTOCOL_UDP, EITHER, 500, 500, ALL},   /* IKE */
    {IP_PROTOCOL_UDP, EITHER, 389, 389, ALL},   /* LDAP */
    {IP_PROTOCOL_UDP, EITHER, 5355, 5355, ALL}, /* LLMNR */
    {IP_PROTOCOL_UDP, EITHER, 137, 137, ALL},   /* names of NetBIOS */
    {IP_PROTOCOL_UDP, TO, 138, 138, 82},        /* its datagrams */
    {IP_PROTOCOL_UDP, EITHER, 2055, 2056, ALL}, /* NetFlow */
    {IP_PROTOCOL_UDP, EITHER, 9995, 9996, ALL}, /* NetFlow */
    {IP_PROTOCOL_UDP, EITHER, 6343, 6343, 2},   /* sFlow, taken for NetFlow */
    {IP_PROTOCOL_UDP, EITHER, 123, 123, ALL},   /* NTP */
    {IP_PROTOCOL_UDP, EITHER, 1812, 1813, ALL}, /* RADIUS */
    {IP_PROTOCOL_UDP, EITHER, 3799, 3799, ALL}, /* RADIUS */
    {IP_PROTOCOL_UDP, EITHER, 520, 520, ALL},   /* RIP */
    {IP_PROTOCOL_UDP, EITHER, 161, 162, ALL},   /* SNMP */
    {IP_PROTOCOL_UDP, TO, 69, 69, ALL},         /* TFTP */
    {IP_PROTOCOL_TCP, EITHER, 53, 53, ALL},     /* DNS */
    {IP_PROTOCOL_TCP, EITHER, 88, 88, ALL},     /* Kerberos */
    {IP_PROTOCOL_TCP, EITHER, 135, 135, ALL},   /* DCE/RPC */
    {IP_PROTOCOL_TCP, EITHER, 389, 389, ALL},   /* LDAP */
    {IP_PROTOCOL_TCP, EITHER, 3268, 3268, ALL}, /* LDAP */
    {IP_PROTOCOL_TCP, EITHER, 1723, 1723, ALL}, /* PPTP */
    {IP_PROTOCOL_TCP, EITHER, 2000, 2000, 12},  /* Skinny */
};

static bool is_between(const struct layer *layer, uint16_t port)
{
    return layer->first <= port && port <= layer->last;
}

static bool is_layer(const struct layer *layer, uint8_t protocol, uint16_t from, uint16_t to)
{
    const bool source = is_between(layer, from), target = is_between(layer, to);
    if (layer->protocol != protocol)
        return false;
    if (layer->ports == BOTH)
        return source && target;
    return target || (layer->ports == EITHER && source);
}

static bool is_smb(uint16_t port)
{
    return port == 139 || port == 445;
}

static bool is_vxlan(uint16_t port)
{
    return port == 4789 || port == 4790 || port == 6633 || port == 8472;
}

/* SMB behind a header of NetBIOS; otherwise 4 bytes are taken for its name. */
static uint16_t smb_taken(const struct walk *w)
{
    const bool smb = byte_at(w, w->at + 5) == 'S' && byte_at(w, w->at + 6) == 'M' &&
                     byte_at(w, w->at + 7) == 'B';
    return smb ? ALL : 8;
}

static uint16_t application_taken(const struct walk *w, uint8_t protocol, uint16_t from,
                                  uint16_t to)
{
    if (protocol == IP_PROTOCOL_TCP && (is_smb(from) || is_smb(to)))
        return smb_taken(w);
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (is_layer(&layers[i], protocol, from, to))
            return layers[i].taken;
    return 0;
}

static void pass_application(struct walk *w, uint8_t protocol, uint32_t header)
{
    const uint16_t from = number_at(w, w->at), to = number_at(w, w->at + 2);
    go(w, header, HERE);
    if (protocol == IP_PROTOCOL_UDP && (is_vxlan(from) || is_vxlan(to))) {
        w->type = number_at(w, w->at + 20);
        go(w, 8 + 14, NETWORK);
        return;
    }
    const uint16_t taken = application_taken(w, protocol, from, to);
    if (taken == ALL)
        w->next = GONE;
    else
        w->at += taken;
}

/* ---- headers ---- */

static void pass_icmp(struct walk *w)
{
    const uint8_t type = byte_at(w, w->at);
    const bool is_error = (type >= 3 && type <= 5) || type == 11 || type == 12;
    const bool has_times = type == 13 || type == 14, has_mask = type == 17 || type == 18;
    w->type = ETHER_IPV4;
    go(w, has_times ? 20 : has_mask ? 12 : 8, is_error ? NETWORK : HERE);
}

static void pass_gre(struct walk *w)
{
    enum { CHECKSUM = 0x80, ROUTING = 0x40, KEY = 0x20, SEQUENCE = 0x10 };
    const uint8_t flags = byte_at(w, w->at);
    w->type = number_at(w, w->at + 2);
    go(w, 4, NETWORK);
    w->at += flags & (CHECKSUM | ROUTING) ? 4 : 0;
    w->at += flags & KEY ? 4 : 0;
    w->at += flags & SEQUENCE ? 4 : 0;
    if (w->type == ETHER_BRIDGED) {
        w->type = number_at(w, w->at + 12);
        w->at += 14;
    }
}

static void pass_network(struct walk *w)
{
    const uint32_t at = w->at;
    const bool later = w->type == ETHER_IPV4 && (number_at(w, at + 6) & 0x1FFF) != 0;
    const uint32_t header = (byte_at(w, at) & 15u) * 4;
    if (w->type == ETHER_IPV4)
        go(w, header < 20 ? 20 : header, later ? HERE : byte_at(w, at + 9));
    else if (w->type == ETHER_IPV6)
        go(w, 40, byte_at(w, at + 6));
    else
        w->next = w->type == ETHER_ARP ? GONE : HERE;
}

static void pass_transport(struct walk *w)
{
    switch (w->next) {
    case IP_PROTOCOL_TCP:
        pass_application(w, IP_PROTOCOL_TCP, (byte_at(w, w->at + 12) >> 4) * 4u);
        break;
    case IP_PROTOCOL_UDP:
        pass_application(w, IP_PROTOCOL_UDP, 8);
        break;
    case IP_PROTOCOL_ICMP:
        pass_icmp(w);
        break;
    case IP_PROTOCOL_IPV4:
    case IP_PROTOCOL_IPV6:
        w->type = w->next == IP_PROTOCOL_IPV4 ? ETHER_IPV4 : ETHER_IPV6;
        w->next = NETWORK;
        break;
    case IP_PROTOCOL_GRE:
        pass_gre(w);
        break;
    case IP_PROTOCOL_AH:
        go(w, (byte_at(w, w->at + 1) + 2u) * 4, HERE);
        break;
    case IP_PROTOCOL_ESP:
    case IP_PROTOCOL_ICMPV6:
    case IP_PROTOCOL_SCTP:
    case PROTOCOL_VRRP:
        w->next = GONE;
        break;
    default:
        w->next = HERE;
        break;
    }
}

uint32_t scapy_raw_begin(const struct array_packet *packet)
{
    struct walk w = {packet, packet->network, NETWORK, ETHER_IPV4};
    while (w.next >= 0 || (w.next == NETWORK && w.at < packet->end))
        if (w.next == NETWORK)
            pass_network(&w);
        else
            pass_transport(&w);
    return w.next == HERE && w.at < packet->end ? w.at : packet->captured;
}
