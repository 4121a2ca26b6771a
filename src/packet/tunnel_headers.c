/* Tunnels in IP, GRE and UDP. */
#include "packet/tunnel_headers.h"

#include "base/bytes.h"

typedef bool tunnel(struct network_packet *inner);

static bool ipv4_in_ip(struct network_packet *inner)
{
    inner->type = ETHER_IPV4;
    return inner->captured > 0;
}

static bool ipv6_in_ip(struct network_packet *inner)
{
    inner->type = ETHER_IPV6;
    return inner->captured > 0;
}

static bool ip(struct network_packet *inner)
{
    return link_headers_raw_ip(inner) == LCAP_SKIP_NONE;
}

static bool ethernet(struct network_packet *inner)
{
    inner->vlan = VLAN_NONE;
    return link_headers_ethernet(inner) == LCAP_SKIP_NONE;
}

static bool by_type(struct network_packet *inner, uint16_t type)
{
    if (type == ETHER_BRIDGED)
        return ethernet(inner);
    return type >= ETHER_LENGTHS_END && link_headers_typed(inner, type) == LCAP_SKIP_NONE;
}

/*
 * draft-foschiano-erspan-03, 4: type I is the frame alone; II has a header of 8
 * bytes; III one of 12 bytes, and 8 more if its last bit says so, before a frame of
 * the type Ethernet. The version tells II from III.
 */
static bool erspan(struct network_packet *inner)
{
    enum { TYPE_II = 1, TYPE_III = 2, FRAME_TYPE = 0x7C, MORE = 0x01 };
    const uint8_t *header = inner->at;
    if (!network_take(inner, 8))
        return false;
    if (header[0] >> 4 == TYPE_II)
        return ethernet(inner);
    if (header[0] >> 4 != TYPE_III || !network_take(inner, 4) || (header[10] & FRAME_TYPE) != 0)
        return false;
    return (!(header[11] & MORE) || network_take(inner, 8)) && ethernet(inner);
}

/* Flags of GRE: version 0 (RFC 2784, 2890) and version 1 (RFC 2637, 4.1). */
enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGEMENT = 0x0080,
    GRE_VERSION = 0x0007,
};

/* The upper half of the key is the length of the PPP packet; without a sequence number there is no
 * packet. */
static bool gre_ppp(struct network_packet *inner, const uint8_t *header, uint16_t flags)
{
    uint32_t len = flags & GRE_ACKNOWLEDGEMENT ? 16 : 12;
    if (!(flags & GRE_KEY) || !(flags & GRE_SEQUENCE) || !network_take(inner, len - 4))
        return false;
    network_limit(inner, load16(header + 4, true));
    return link_headers_ppp(inner) == LCAP_SKIP_NONE;
}

static bool gre_plain(struct network_packet *inner, uint16_t flags, uint16_t type)
{
    uint32_t len = 0;
    if (flags & GRE_CHECKSUM)
        len += 4;
    if (flags & GRE_KEY)
        len += 4;
    if (flags & GRE_SEQUENCE)
        len += 4;
    if ((flags & GRE_ROUTING) || !network_take(inner, len))
        return false;
    if (type == ETHER_ERSPAN)
        return flags & GRE_SEQUENCE ? erspan(inner) : ethernet(inner);
    return type == ETHER_ERSPAN_III ? erspan(inner) : by_type(inner, type);
}

static bool gre(struct network_packet *inner)
{
    const uint8_t *header = inner->at;
    if (!network_take(inner, 4))
        return false;
    uint16_t flags = load16(header, true), type = load16(header + 2, true);
    if ((flags & GRE_VERSION) == 1 && type == ETHER_PPP_IN_GRE)
        return gre_ppp(inner, header, flags);
    return (flags & GRE_VERSION) == 0 && gre_plain(inner, flags, type);
}

/* RFC 7348, 5: the flag for a valid network identifier. */
static bool vxlan(struct network_packet *inner)
{
    const uint8_t *header = inner->at;
    return network_take(inner, 8) && (header[0] & 0x08) && ethernet(inner);
}

/* RFC 8926, 3.4: version 0, the length of the options in units of 4 bytes, an Ethernet type. */
static bool geneve(struct network_packet *inner)
{
    const uint8_t *header = inner->at;
    return network_take(inner, 8) && header[0] >> 6 == 0 &&
           network_take(inner, (header[0] & 0x3Fu) * 4) && by_type(inner, load16(header + 2, true));
}

/* TS 29.281, 5.1 and 5.2: version 1, protocol type GTP, message G-PDU; if one of the three flags is
 * set, four more bytes, of which the last names the first extension header. */
enum { GTP_VERSION_AND_TYPE = 0xF0, GTP_V1 = 0x30, GTP_EXTENSION = 0x04, GTP_ANY_OPTION = 0x07 };
enum { GTP_G_PDU = 255 };

/* Each extension header states its length in units of 4 bytes and, at its end, what follows. */
static bool take_gtp_extensions(struct network_packet *inner, uint8_t next)
{
    while (next != 0) {
        const uint8_t *header = inner->at;
        uint32_t len = inner->captured > 0 ? header[0] * 4u : 0;
        if (len == 0 || !network_take(inner, len))
            return false;
        next = header[len - 1];
    }
    return true;
}

static bool gtp_u(struct network_packet *inner)
{
    const uint8_t *header = inner->at;
    if (!network_take(inner, 8) || (header[0] & GTP_VERSION_AND_TYPE) != GTP_V1 ||
        header[1] != GTP_G_PDU)
        return false;
    network_limit(inner, load16(header + 2, true));
    if (header[0] & GTP_ANY_OPTION) {
        if (!network_take(inner, 4))
            return false;
        if ((header[0] & GTP_EXTENSION) && !take_gtp_extensions(inner, header[11]))
            return false;
    }
    return ip(inner);
}

/*
 * RFC 4380, 5.1.1: authentication data with an identifier and a value of the lengths that it
 * states, then the mapped address of a client, then IPv6; the first two may be missing.
 */
static bool teredo(struct network_packet *inner)
{
    enum { MAPPED_ADDRESS = 0, AUTHENTICATION = 1 };
    const uint8_t *header = inner->at;
    if (inner->captured >= 4 && load16(header, true) == AUTHENTICATION &&
        !network_take(inner, 13u + header[2] + header[3]))
        return false;
    if (inner->captured >= 2 && load16(inner->at, true) == MAPPED_ADDRESS &&
        !network_take(inner, 8))
        return false;
    return inner->captured > 0 && inner->at[0] >> 4 == 6 && ip(inner);
}

/*
 * draft-massar-v6ops-ayiya-02, 4: lengths of identity (a power of 2) and signature (in
 * units of 4 bytes), operation, next header, time; then identity and signature.
 */
static bool ayiya(struct network_packet *inner)
{
    enum { FORWARD = 1 };
    const uint8_t *header = inner->at;
    if (!network_take(inner, 8) || (header[2] & 0x0F) != FORWARD ||
        !network_take(inner, (1u << (header[0] >> 4)) + (header[1] >> 4) * 4u))
        return false;
    return header[3] == IP_PROTOCOL_IPV6 ? ipv6_in_ip(inner)
                                         : header[3] == IP_PROTOCOL_IPV4 && ipv4_in_ip(inner);
}

static tunnel *of_port(uint16_t port)
{
    switch (port) {
    case 2152:
        return gtp_u;
    case 3544:
        return teredo;
    case 4754: /* RFC 8086 */
        return gre;
    case 4789:
    case 8472: /* of Linux before 4789 was assigned */
        return vxlan;
    case 5072:
        return ayiya;
    case 6081:
        return geneve;
    default:
        return NULL;
    }
}

/* Tunnels whose other direction has the port on its other side. */
static bool is_symmetric(tunnel *tunnel_of_source)
{
    return tunnel_of_source == teredo || tunnel_of_source == ayiya;
}

static tunnel *of_udp(const struct packet_headers *outer)
{
    tunnel *to = of_port(outer->destination_port), *from = of_port(outer->source_port);
    if (to)
        return to;
    return is_symmetric(from) ? from : NULL;
}

static tunnel *of_packet(const struct packet_headers *outer)
{
    switch (outer->protocol) {
    case IP_PROTOCOL_IPV4:
        return ipv4_in_ip;
    case IP_PROTOCOL_IPV6:
        return ipv6_in_ip;
    case IP_PROTOCOL_GRE:
        return gre;
    case IP_PROTOCOL_UDP:
        return of_udp(outer);
    default:
        return NULL;
    }
}

bool tunnel_enter(const struct packet_headers *outer, struct network_packet *inner)
{
    if (!outer->has_transport || !outer->payload)
        return false;
    tunnel *enter = of_packet(outer);
    *inner = (struct network_packet){.at = outer->payload,
                                     .captured = outer->payload_captured,
                                     .len = outer->payload_len,
                                     .vlan = outer->vlan,
                                     .encapsulated = true};
    return enter && enter(inner);
}
