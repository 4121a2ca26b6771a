/* Tunnels: IP in IP, GRE, VXLAN, Geneve, GTP-U. */
#include "packet/tunnel_headers.h"

#include "base/bytes.h"

enum {
    PORT_GTP_U = 2152,
    PORT_VXLAN = 4789,
    PORT_GENEVE = 6081,
    PORT_VXLAN_OF_LINUX = 8472,
};

static bool ip_in_ip(struct network_packet *inner, uint16_t type)
{
    inner->type = type;
    return inner->captured > 0;
}

static bool ethernet(struct network_packet *inner)
{
    inner->vlan = VLAN_NONE;
    return link_headers_ethernet(inner) == LCAP_SKIP_NONE;
}

static bool by_type(struct network_packet *inner, uint16_t type)
{
    inner->type = type;
    if (type == ETHER_BRIDGED)
        return ethernet(inner);
    return type == ETHER_IPV4 || type == ETHER_IPV6;
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
    return !(flags & GRE_ROUTING) && network_take(inner, len) && by_type(inner, type);
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
    return link_headers_raw_ip(inner) == LCAP_SKIP_NONE;
}

static bool udp_tunnel(struct network_packet *inner, uint16_t port)
{
    switch (port) {
    case PORT_VXLAN:
    case PORT_VXLAN_OF_LINUX:
        return vxlan(inner);
    case PORT_GENEVE:
        return geneve(inner);
    case PORT_GTP_U:
        return gtp_u(inner);
    default:
        return false;
    }
}

bool tunnel_enter(const struct packet_headers *outer, struct network_packet *inner)
{
    if (!outer->has_transport || !outer->payload)
        return false;
    *inner = (struct network_packet){.at = outer->payload,
                                     .captured = outer->payload_captured,
                                     .len = outer->payload_len,
                                     .vlan = outer->vlan};
    switch (outer->protocol) {
    case IP_PROTOCOL_IPV4:
        return ip_in_ip(inner, ETHER_IPV4);
    case IP_PROTOCOL_IPV6:
        return ip_in_ip(inner, ETHER_IPV6);
    case IP_PROTOCOL_GRE:
        return gre(inner);
    case IP_PROTOCOL_UDP:
        return udp_tunnel(inner, outer->destination_port);
    default:
        return false;
    }
}
