/* Local networks other than Ethernet and 802.11. */
#include "base/bytes.h"
#include "packet/link_steps.h"

/* ISO 9314-2, 7.3.3: frame control, two addresses; 802.2 in frames of the type LLC. */
enum lcap_skip link_frame_fddi(struct network_packet *network)
{
    enum { FRAME_TYPE = 0x70, LLC = 0x50 };
    const uint8_t *header = network->at;
    if (!network_take(network, 13))
        return LCAP_SKIP_LINK_HEADER;
    return (header[0] & FRAME_TYPE) == LLC ? link_frame_llc(network) : LCAP_SKIP_NO_DATA_FRAME;
}

/* IEEE 802.5, 3.2: access control, frame control, two addresses; a bit of the source announces
 * routing information, which begins with its length. */
enum lcap_skip link_frame_token_ring(struct network_packet *network)
{
    enum { FRAME_TYPE = 0xC0, LLC = 0x40, ROUTED = 0x80, ROUTING_LEN = 0x1F };
    const uint8_t *header = network->at;
    if (!network_take(network, 14))
        return LCAP_SKIP_LINK_HEADER;
    if ((header[1] & FRAME_TYPE) != LLC)
        return LCAP_SKIP_NO_DATA_FRAME;
    if (!(header[8] & ROUTED))
        return link_frame_llc(network);
    if (network->captured == 0 || !network_take(network, network->at[0] & ROUTING_LEN))
        return LCAP_SKIP_LINK_HEADER;
    return link_frame_llc(network);
}

/* RFC 1051, and RFC 1201, where a flag and a sequence number of 2 bytes follow the protocol. The
 * systems put packets that were sent in several frames together. */
static enum lcap_skip arcnet_protocol(struct network_packet *network, bool exceptions)
{
    enum { IPV4_1051 = 240, ARP_1051 = 241, IPV4_1201 = 212, ARP_1201 = 213, IPV6 = 196 };
    enum { EXCEPTION = 0xFF }; /* a frame whose protocol and flag are repeated */
    const uint8_t *header = network->at;
    if (!network_take(network, 1))
        return LCAP_SKIP_LINK_HEADER;
    const bool rfc1051 = header[0] == IPV4_1051 || header[0] == ARP_1051;
    const bool exception = exceptions && network->captured > 0 && header[1] == EXCEPTION;
    if (!rfc1051 && !network_take(network, exception ? 7 : 3))
        return LCAP_SKIP_LINK_HEADER;
    switch (header[0]) {
    case IPV4_1051:
    case IPV4_1201:
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    case ARP_1051:
    case ARP_1201:
        network->type = ETHER_ARP;
        return LCAP_SKIP_NONE;
    case IPV6:
        network->type = ETHER_IPV6;
        return LCAP_SKIP_NONE;
    default:
        return LCAP_SKIP_NO_IP;
    }
}

/* As BSD has it: source, destination. */
enum lcap_skip link_frame_arcnet(struct network_packet *network)
{
    return network_take(network, 2) ? arcnet_protocol(network, true) : LCAP_SKIP_LINK_HEADER;
}

/* As Linux has it: also the offset of the data in the frame. */
enum lcap_skip link_frame_arcnet_linux(struct network_packet *network)
{
    return network_take(network, 4) ? arcnet_protocol(network, false) : LCAP_SKIP_LINK_HEADER;
}

/* A global routing header of InfiniBand, then RFC 4391, 6: a type, 2 bytes reserved. */
enum lcap_skip link_frame_ipoib(struct network_packet *network)
{
    return link_step_follow(link_step_typed(network, 44, 40), network);
}

/* As Darwin has it for IP over IEEE 1394: two identifiers of 8 bytes, a type. */
enum lcap_skip link_frame_ieee1394(struct network_packet *network)
{
    return link_step_follow(link_step_typed(network, 18, 16), network);
}
