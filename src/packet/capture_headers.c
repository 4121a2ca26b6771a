/* Headers that are on no wire: capturing systems and devices write them. */
#include "base/bytes.h"
#include "packet/link_steps.h"

enum lcap_skip link_step_family(struct network_packet *network, uint32_t family)
{
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

/* LINKTYPE_LINUX_SLL and _SLL2: an Ethernet type below 0x0600 is a number of Linux; 4 means that an
 * 802.2 header follows (if_ether.h: ETH_P_802_2). */
static enum lcap_skip cooked(struct network_packet *network, uint32_t len, uint32_t offset)
{
    enum lcap_skip skip = link_step_typed(network, len, offset);
    if (skip == LCAP_SKIP_NONE && network->type < ETHER_LENGTHS_END)
        skip = network->type == 4 ? link_step_llc(network) : LCAP_SKIP_NO_IP;
    return link_step_follow(skip, network);
}

enum lcap_skip link_frame_sll(struct network_packet *network)
{
    return cooked(network, 16, 14);
}

enum lcap_skip link_frame_sll2(struct network_packet *network)
{
    return cooked(network, 20, 0);
}

/* A header of `len` bytes that begins with an address family. Its byte order is not always the
 * right one; families are small numbers, which shows the order. */
static enum lcap_skip family_header(struct network_packet *network, uint32_t len, bool big)
{
    const uint8_t *header = network->at;
    if (!network_take(network, len))
        return LCAP_SKIP_LINK_HEADER;
    const uint32_t family = load32(header, big);
    return link_step_family(network, family > UINT16_MAX ? __builtin_bswap32(family) : family);
}

enum lcap_skip link_frame_null(struct network_packet *network)
{
    return family_header(network, 4, HOST_BIG_ENDIAN);
}

enum lcap_skip link_frame_loop(struct network_packet *network)
{
    return family_header(network, 4, true);
}

/* What IPsec of OpenBSD has decrypted: the family, a security parameter index, flags. */
enum lcap_skip link_frame_enc(struct network_packet *network)
{
    return family_header(network, 12, HOST_BIG_ENDIAN);
}

/*
 * Netfilter log: family, version, resource, then attributes of a length, a type and
 * a value, padded to a multiple of 4, in the byte order of the host (as struct
 * lcap_packet has them). One of them is the packet.
 */
enum lcap_skip link_frame_nflog(struct network_packet *network)
{
    enum { HEADER = 4, PAYLOAD = 9, TYPE = 0x7FFF };
    const uint8_t *header = network->at;
    if (!network_take(network, HEADER))
        return LCAP_SKIP_LINK_HEADER;
    const uint8_t family = header[0];
    while (network->captured >= HEADER) {
        const uint8_t *attribute = network->at;
        const uint32_t len = load16(attribute, HOST_BIG_ENDIAN);
        if (len < HEADER)
            return LCAP_SKIP_LINK_HEADER;
        if ((load16(attribute + 2, HOST_BIG_ENDIAN) & TYPE) == PAYLOAD) {
            network_limit(network, len);
            network_take(network, HEADER);
            return link_step_family(network, family);
        }
        if (!network_take(network, (len + 3) & ~3u))
            return LCAP_SKIP_LINK_HEADER;
    }
    return LCAP_SKIP_LINK_HEADER;
}

/* Devices of Hilscher: flags and a length, little-endian; a flag marks events without a frame. */
static enum lcap_skip take_netanalyzer(struct network_packet *network)
{
    enum { EVENT = 0x100 };
    const uint8_t *header = network->at;
    if (!network_take(network, 4))
        return LCAP_SKIP_LINK_HEADER;
    return load32(header, false) & EVENT ? LCAP_SKIP_NO_DATA_FRAME : LCAP_SKIP_NONE;
}

enum lcap_skip link_frame_netanalyzer(struct network_packet *network)
{
    const enum lcap_skip skip = take_netanalyzer(network);
    return skip == LCAP_SKIP_NONE ? link_headers_ethernet(network) : skip;
}

/* The frame begins with its preamble and start delimiter. */
enum lcap_skip link_frame_netanalyzer_transparent(struct network_packet *network)
{
    enum { PREAMBLE = 0x55, START = 0xD5 };
    const enum lcap_skip skip = take_netanalyzer(network);
    if (skip != LCAP_SKIP_NONE)
        return skip;
    while (network->captured > 0 && network->at[0] == PREAMBLE)
        network_take(network, 1);
    if (network->captured == 0 || network->at[0] != START || !network_take(network, 1))
        return LCAP_SKIP_LINK_HEADER;
    return link_headers_ethernet(network);
}
