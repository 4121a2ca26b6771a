/*
 * Link layers. Each step removes a header and finds the Ethernet type that follows,
 * until that is IPv4, IPv6 or ARP. Every step removes at least a byte, so nested
 * headers end with the captured bytes.
 */
#include "packet/link_headers.h"

#include "base/bytes.h"
#include "base/linktype_numbers.h"

/* Files of some systems have the system's DLT_RAW instead of LINKTYPE_RAW. */
enum { RAW_OF_BSD = 12, RAW_OF_OPENBSD = 14 };
enum {
    LINKTYPE_PPP_ETHER = 51,
    LINKTYPE_C_HDLC = 104,
    LINKTYPE_IEEE802_11_PRISM = 119,
    LINKTYPE_IEEE802_11_AVS = 163
};

/* Tag protocol identifiers: IEEE 802.1Q, 802.1ad, and its predecessors. */
static bool is_vlan(uint16_t type)
{
    return type == ETHER_VLAN || type == ETHER_VLAN_SERVICE || type == ETHER_VLAN_9100 ||
           type == ETHER_VLAN_9200 || type == ETHER_VLAN_9300;
}

static enum lcap_skip vlan_step(struct network_packet *network)
{
    const uint8_t *tag = network->at;
    if (!network_take(network, 4))
        return LCAP_SKIP_LINK_HEADER;
    if (network->vlan == VLAN_NONE)
        network->vlan = load16(tag, true) & 0x0FFF;
    network->type = load16(tag + 2, true);
    return LCAP_SKIP_NONE;
}

enum lcap_skip link_headers_raw_ip(struct network_packet *network)
{
    if (network->captured == 0)
        return LCAP_SKIP_IP_HEADER;
    unsigned version = network->at[0] >> 4;
    if (version != 4 && version != 6)
        return LCAP_SKIP_NO_IP;
    network->type = version == 4 ? ETHER_IPV4 : ETHER_IPV6;
    return LCAP_SKIP_NONE;
}

/* A header of `len` bytes with an Ethernet type at `offset`. */
static enum lcap_skip typed_header(struct network_packet *network, uint32_t len, uint32_t offset)
{
    const uint8_t *header = network->at;
    if (!network_take(network, len))
        return LCAP_SKIP_LINK_HEADER;
    network->type = load16(header + offset, true);
    return LCAP_SKIP_NONE;
}

/*
 * RFC 3032, 2.1: labels up to the one marked as the bottom of the stack. Nothing
 * says what follows. IP is recognised by its version; 0 in its place begins a
 * control word (RFC 4385, 3), which usually precedes Ethernet (RFC 4448, 4.6).
 */
static enum lcap_skip mpls_step(struct network_packet *network)
{
    bool bottom;
    do {
        const uint8_t *label = network->at;
        if (!network_take(network, 4))
            return LCAP_SKIP_LINK_HEADER;
        bottom = label[2] & 1;
    } while (!bottom);
    if (network->captured == 0 || network->at[0] >> 4 != 0)
        return link_headers_raw_ip(network);
    return network_take(network, 4) ? typed_header(network, 14, 12) : LCAP_SKIP_LINK_HEADER;
}

/* RFC 1661, 2; RFC 1662, 3.1: address and control octets, and the first octet of the protocol if it
 * is zero, may be left out. */
static enum lcap_skip ppp_step(struct network_packet *network)
{
    if (network->captured >= 2 && load16(network->at, true) == 0xFF03)
        network_take(network, 2);
    const uint8_t *protocol = network->at;
    bool compressed = network->captured > 0 && (protocol[0] & 1);
    if (!network_take(network, compressed ? 1 : 2))
        return LCAP_SKIP_LINK_HEADER;
    switch (compressed ? protocol[0] : load16(protocol, true)) {
    case 0x0021:
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    case 0x0057:
        network->type = ETHER_IPV6;
        return LCAP_SKIP_NONE;
    case 0x0281:
        network->type = ETHER_MPLS;
        return LCAP_SKIP_NONE;
    default:
        return LCAP_SKIP_NO_IP;
    }
}

/* RFC 2516, 4: version and type 1, code 0, session, length of the PPP frame. */
static enum lcap_skip pppoe_step(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (!network_take(network, 6) || header[0] != 0x11)
        return LCAP_SKIP_LINK_HEADER;
    if (header[1] != 0)
        return LCAP_SKIP_NO_IP;
    network_limit(network, load16(header + 4, true));
    return ppp_step(network);
}

/*
 * IEEE 802.2 with SNAP: an Ethernet type under organisation code zero (RFC 1042) or
 * under that of bridges (IEEE 802.1H). IP also has its own SAP, 6.
 */
static enum lcap_skip llc_step(struct network_packet *network)
{
    const uint8_t *llc = network->at;
    if (!network_take(network, 3))
        return LCAP_SKIP_LINK_HEADER;
    if (llc[0] == 0x06 && llc[1] == 0x06 && llc[2] == 0x03) {
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    }
    if (llc[0] != 0xAA || llc[1] != 0xAA || llc[2] != 0x03)
        return LCAP_SKIP_NO_IP;
    if (!network_take(network, 5))
        return LCAP_SKIP_LINK_HEADER;
    if (llc[3] != 0 || llc[4] != 0 || (llc[5] != 0 && llc[5] != 0xF8))
        return LCAP_SKIP_NO_IP;
    network->type = load16(llc + 6, true);
    return LCAP_SKIP_NONE;
}

static enum lcap_skip length_step(struct network_packet *network)
{
    network_limit(network, network->type);
    return llc_step(network);
}

static bool is_network_protocol(uint16_t type)
{
    return type == ETHER_IPV4 || type == ETHER_IPV6 || type == ETHER_ARP;
}

/* Continues from an Ethernet type to the network protocol. */
static enum lcap_skip follow(struct network_packet *network)
{
    enum lcap_skip skip = LCAP_SKIP_NONE;
    while (skip == LCAP_SKIP_NONE && !is_network_protocol(network->type)) {
        if (is_vlan(network->type))
            skip = vlan_step(network);
        else if (network->type == ETHER_MPLS || network->type == ETHER_MPLS_UPSTREAM)
            skip = mpls_step(network);
        else if (network->type == ETHER_PPPOE_SESSION)
            skip = pppoe_step(network);
        else if (network->type < ETHER_LENGTHS_END)
            skip = length_step(network);
        else
            skip = LCAP_SKIP_NO_IP;
    }
    return skip;
}

static enum lcap_skip follow_after(enum lcap_skip skip, struct network_packet *network)
{
    return skip == LCAP_SKIP_NONE ? follow(network) : skip;
}

enum lcap_skip link_headers_ethernet(struct network_packet *network)
{
    return follow_after(typed_header(network, 14, 12), network);
}

enum lcap_skip link_headers_ppp(struct network_packet *network)
{
    return follow_after(ppp_step(network), network);
}

/* LINKTYPE_LINUX_SLL and _SLL2: an Ethernet type below 0x0600 is a number of Linux; 4 means that an
 * 802.2 header follows (if_ether.h: ETH_P_802_2). */
static enum lcap_skip cooked(struct network_packet *network, uint32_t len, uint32_t offset)
{
    enum lcap_skip skip = typed_header(network, len, offset);
    if (skip == LCAP_SKIP_NONE && network->type < ETHER_LENGTHS_END)
        skip = network->type == 4 ? llc_step(network) : LCAP_SKIP_NO_IP;
    return follow_after(skip, network);
}

/* PPP, or Cisco's variant of it (RFC 1547, 4.3.1): address 0x0F or 0x8F, control 0, then an
 * Ethernet type. */
static enum lcap_skip framed_ppp(struct network_packet *network)
{
    if (network->captured > 0 && (network->at[0] == 0x0F || network->at[0] == 0x8F))
        return follow_after(typed_header(network, 4, 2), network);
    return link_headers_ppp(network);
}

/* LINKTYPE_NULL and _LOOP: a protocol family, whose number for IPv6 differs between systems. Its
 * byte order is not always the right one; families are small numbers, which shows the order. */
static enum lcap_skip loopback(struct network_packet *network, bool big)
{
    const uint8_t *header = network->at;
    if (!network_take(network, 4))
        return LCAP_SKIP_LINK_HEADER;
    uint32_t family = load32(header, big);
    if (family > UINT16_MAX)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        network->type = ETHER_IPV6;
        return LCAP_SKIP_NONE;
    default:
        return LCAP_SKIP_NO_IP;
    }
}

/* Bits of frame control (IEEE 802.11-2020, 9.2.4.1), first and second octet. */
enum { WLAN_VERSION = 0x03, WLAN_TYPE = 0x0C, WLAN_TYPE_DATA = 0x08 };
enum { WLAN_SUBTYPE_NO_DATA = 0x40, WLAN_SUBTYPE_QOS = 0x80 };
enum { WLAN_BOTH_DS = 0x03, WLAN_PROTECTED = 0x40, WLAN_ORDER = 0x80 };
enum { WLAN_QOS_AMSDU = 0x80 }; /* in the first octet of QoS control (9.2.4.5) */

/*
 * Three addresses, a fourth between access points; QoS control, then HT control.
 * `padded`: the header is padded to a multiple of 4 bytes.
 */
static uint32_t wlan_header_len(const uint8_t *frame, bool padded)
{
    uint32_t len = 24;
    if ((frame[1] & WLAN_BOTH_DS) == WLAN_BOTH_DS)
        len += 6;
    if (frame[0] & WLAN_SUBTYPE_QOS)
        len += frame[1] & WLAN_ORDER ? 6 : 2;
    return padded ? (len + 3) & ~3u : len;
}

static bool wlan_is_aggregate(const uint8_t *frame)
{
    if (!(frame[0] & WLAN_SUBTYPE_QOS))
        return false;
    unsigned qos = (frame[1] & WLAN_BOTH_DS) == WLAN_BOTH_DS ? 30 : 24;
    return frame[qos] & WLAN_QOS_AMSDU;
}

/* 9.3.2.2.2: the first subframe of an aggregate: two addresses and its length. */
static enum lcap_skip take_subframe_header(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (!network_take(network, 14))
        return LCAP_SKIP_LINK_HEADER;
    network_limit(network, load16(header + 12, true));
    return LCAP_SKIP_NONE;
}

static enum lcap_skip wlan(struct network_packet *network, bool padded)
{
    const uint8_t *frame = network->at;
    if (network->captured < 2 || (frame[0] & WLAN_VERSION) != 0)
        return LCAP_SKIP_LINK_HEADER;
    if ((frame[0] & WLAN_TYPE) != WLAN_TYPE_DATA || (frame[0] & WLAN_SUBTYPE_NO_DATA))
        return LCAP_SKIP_NO_DATA_FRAME;
    if (frame[1] & WLAN_PROTECTED)
        return LCAP_SKIP_ENCRYPTED;
    if (!network_take(network, wlan_header_len(frame, padded)))
        return LCAP_SKIP_LINK_HEADER;
    /* Later fragments of a frame continue where the previous one ended. */
    if (frame[22] & 0x0F)
        return LCAP_SKIP_NO_IP;
    enum lcap_skip skip = LCAP_SKIP_NONE;
    if (wlan_is_aggregate(frame))
        skip = take_subframe_header(network);
    if (skip == LCAP_SKIP_NONE)
        skip = llc_step(network);
    return follow_after(skip, network);
}

/* In the flags octet, radiotap.org's field 1. */
enum { RADIOTAP_PADDED = 0x20 };

/* Whether a radiotap header of `len` bytes says that the header of the frame is padded. The flags
 * octet follows all words of presence bits and, if present, a time of 8 aligned bytes. */
static bool radiotap_says_padded(const uint8_t *header, uint32_t len)
{
    uint32_t present = load32(header + 4, false), at = 8, word = present;
    while (word >> 31 && at + 4 <= len) {
        word = load32(header + at, false);
        at += 4;
    }
    if (present & 1)
        at = ((at + 7) & ~7u) + 8;
    return (present & 2) && at < len && (header[at] & RADIOTAP_PADDED);
}

/* radiotap.org: version 0, a byte of padding, length of the whole header. */
static enum lcap_skip radiotap(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured < 8 || header[0] != 0)
        return LCAP_SKIP_LINK_HEADER;
    uint32_t len = load16(header + 2, false);
    if (len < 8 || !network_take(network, len))
        return LCAP_SKIP_LINK_HEADER;
    return wlan(network, radiotap_says_padded(header, len));
}

/* A Prism header has 144 bytes; an AVS header, which also occurs under the link type of Prism,
 * begins with a magic number and states its length. */
static enum lcap_skip prism_or_avs(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured < 8)
        return LCAP_SKIP_LINK_HEADER;
    bool avs = (load32(header, true) & 0xFFFFF000) == 0x80211000;
    if (!network_take(network, avs ? load32(header + 4, true) : 144))
        return LCAP_SKIP_LINK_HEADER;
    return wlan(network, false);
}

/* "Per-Packet Information Header Specification" 1.0.7 of CACE: version, flags, length of the whole
 * header and link type of what follows, all little-endian. */
static enum lcap_skip take_ppi(struct network_packet *network, uint16_t *linktype)
{
    const uint8_t *header = network->at;
    if (network->captured < 8 || load16(header + 2, false) < 8)
        return LCAP_SKIP_LINK_HEADER;
    if (load32(header + 4, false) > UINT16_MAX)
        return LCAP_SKIP_LINK_TYPE;
    *linktype = load16(header + 4, false);
    return network_take(network, load16(header + 2, false)) ? LCAP_SKIP_NONE
                                                            : LCAP_SKIP_LINK_HEADER;
}

static enum lcap_skip take_link_headers(struct network_packet *network, uint16_t linktype)
{
    switch (linktype) {
    case LINKTYPE_ETHERNET:
        return link_headers_ethernet(network);
    case LINKTYPE_LINUX_SLL:
        return cooked(network, 16, 14);
    case LINKTYPE_LINUX_SLL2:
        return cooked(network, 20, 0);
    case LINKTYPE_RAW:
    case RAW_OF_BSD:
    case RAW_OF_OPENBSD:
        return link_headers_raw_ip(network);
    case LINKTYPE_IPV4:
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    case LINKTYPE_IPV6:
        network->type = ETHER_IPV6;
        return LCAP_SKIP_NONE;
    case LINKTYPE_NULL:
        return loopback(network, HOST_BIG_ENDIAN);
    case LINKTYPE_LOOP:
        return loopback(network, true);
    case LINKTYPE_PPP:
        return link_headers_ppp(network);
    case LINKTYPE_PPP_ETHER:
        return follow_after(pppoe_step(network), network);
    case LINKTYPE_C_HDLC:
    case LINKTYPE_PPP_HDLC:
        return framed_ppp(network);
    case LINKTYPE_IEEE802_11:
        return wlan(network, false);
    case LINKTYPE_IEEE802_11_RADIOTAP:
        return radiotap(network);
    case LINKTYPE_IEEE802_11_PRISM:
    case LINKTYPE_IEEE802_11_AVS:
        return prism_or_avs(network);
    default:
        return LCAP_SKIP_LINK_TYPE;
    }
}

/*
 * Frame check sequences are not removed: the length fields of inner headers exclude
 * them, and files that claim one are often wrong.
 */
enum lcap_skip link_headers_parse(const struct lcap_packet *packet, struct network_packet *network)
{
    /* Captured bytes were on the wire, even if the wire length says less. */
    uint32_t len = packet->len > packet->caplen ? packet->len : packet->caplen;
    *network = (struct network_packet){
        .at = packet->data, .captured = packet->caplen, .len = len, .vlan = VLAN_NONE};
    uint16_t linktype = packet->interface->linktype;
    const enum lcap_skip skip =
        linktype == LINKTYPE_PPI ? take_ppi(network, &linktype) : LCAP_SKIP_NONE;
    return skip == LCAP_SKIP_NONE ? take_link_headers(network, linktype) : skip;
}
