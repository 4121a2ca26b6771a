/* Which link layer a link type stands for. */
#include "packet/link_headers.h"

#include "base/bytes.h"
#include "base/linktype_numbers.h"
#include "packet/link_steps.h"

static enum lcap_skip ipv4(struct network_packet *network)
{
    network->type = ETHER_IPV4;
    return LCAP_SKIP_NONE;
}

static enum lcap_skip ipv6(struct network_packet *network)
{
    network->type = ETHER_IPV6;
    return LCAP_SKIP_NONE;
}

/* LINKTYPE_ values, and two of the systems' own for raw IP. */
static link_step *const frames[] = {
    [LINKTYPE_NULL] = link_frame_null,
    [LINKTYPE_ETHERNET] = link_headers_ethernet,
    [6] = link_frame_token_ring,
    [7] = link_frame_arcnet,
    [LINKTYPE_PPP] = link_frame_framed_ppp,
    [10] = link_frame_fddi,
    [12] = link_headers_raw_ip, /* DLT_RAW of most systems */
    [14] = link_headers_raw_ip, /* and of OpenBSD */
    [LINKTYPE_PPP_HDLC] = link_frame_framed_ppp,
    [51] = link_frame_pppoe,
    [LINKTYPE_RAW] = link_headers_raw_ip,
    [104] = link_frame_framed_ppp, /* C_HDLC */
    [LINKTYPE_IEEE802_11] = link_frame_wlan,
    [LINKTYPE_LOOP] = link_frame_loop,
    [109] = link_frame_enc,
    [LINKTYPE_LINUX_SLL] = link_frame_sll,
    [119] = link_frame_prism_or_avs, /* IEEE802_11_PRISM */
    [LINKTYPE_IEEE802_11_RADIOTAP] = link_frame_radiotap,
    [129] = link_frame_arcnet_linux,
    [138] = link_frame_ieee1394,
    [163] = link_frame_prism_or_avs, /* IEEE802_11_AVS */
    [204] = link_frame_ppp_with_direction,
    [LINKTYPE_IPV4] = ipv4,
    [LINKTYPE_IPV6] = ipv6,
    [LINKTYPE_NFLOG] = link_frame_nflog,
    [240] = link_frame_netanalyzer,
    [241] = link_frame_netanalyzer_transparent,
    [242] = link_frame_ipoib,
    [LINKTYPE_LINUX_SLL2] = link_frame_sll2,
};

/* Link types whose header names another link type. Darwin wrote PKTAP as USER2, too. */
enum { LINKTYPE_USER2 = 149, LINKTYPE_PKTAP = 258 };

/* A header that states its length and the link type of what follows. */
static enum lcap_skip take_carrier(struct network_packet *network, uint32_t len, uint32_t linktype,
                                   uint16_t *inner)
{
    if (linktype > UINT16_MAX)
        return LCAP_SKIP_LINK_HEADER;
    *inner = (uint16_t)linktype;
    return network_take(network, len) ? LCAP_SKIP_NONE : LCAP_SKIP_LINK_HEADER;
}

/* "Per-Packet Information Header Specification" 1.0.7 of CACE: version, flags, length of the whole
 * header and link type of what follows, all little-endian. */
static enum lcap_skip take_ppi(struct network_packet *network, uint16_t *linktype)
{
    const uint8_t *header = network->at;
    if (network->captured < 8 || load16(header + 2, false) < 8)
        return LCAP_SKIP_LINK_HEADER;
    return take_carrier(network, load16(header + 2, false), load32(header + 4, false), linktype);
}

/* Darwin's net/pktap.h: length of the whole header, type of the record (1: a packet), link type. */
static enum lcap_skip take_pktap(struct network_packet *network, uint16_t *linktype)
{
    const uint8_t *header = network->at;
    if (network->captured < 12 || load32(header, false) < 12)
        return LCAP_SKIP_LINK_HEADER;
    if (load32(header + 4, false) != 1)
        return LCAP_SKIP_NO_DATA_FRAME;
    return take_carrier(network, load32(header, false), load32(header + 8, false), linktype);
}

static enum lcap_skip take_link_headers(struct network_packet *network, uint16_t linktype)
{
    enum lcap_skip skip = LCAP_SKIP_NONE;
    if (linktype == LINKTYPE_PPI)
        skip = take_ppi(network, &linktype);
    else if (linktype == LINKTYPE_PKTAP || linktype == LINKTYPE_USER2)
        skip = take_pktap(network, &linktype);
    if (skip != LCAP_SKIP_NONE)
        return skip;
    if (linktype < sizeof frames / sizeof *frames && frames[linktype])
        return frames[linktype](network);
    network->type = linktype;
    return LCAP_SKIP_LINK_TYPE;
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
    return take_link_headers(network, packet->interface->linktype);
}
