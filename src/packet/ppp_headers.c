/* PPP and its relatives on serial lines. */
#include "base/bytes.h"
#include "packet/link_steps.h"

/* RFC 1661, 2; RFC 1662, 3.1: address and control octets, and the first octet of the protocol if it
 * is zero, may be left out. */
enum lcap_skip link_step_ppp(struct network_packet *network)
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
enum lcap_skip link_step_pppoe(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (!network_take(network, 6) || header[0] != 0x11)
        return LCAP_SKIP_LINK_HEADER;
    if (header[1] != 0)
        return LCAP_SKIP_NO_IP;
    network_limit(network, load16(header + 4, true));
    return link_step_ppp(network);
}

enum lcap_skip link_headers_ppp(struct network_packet *network)
{
    return link_step_follow(link_step_ppp(network), network);
}

enum lcap_skip link_frame_pppoe(struct network_packet *network)
{
    return link_step_follow(link_step_pppoe(network), network);
}

/* PPP, or Cisco's variant of it (RFC 1547, 4.3.1): address 0x0F or 0x8F, control 0, then an
 * Ethernet type. */
enum lcap_skip link_frame_framed_ppp(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured >= 2 && (header[0] == 0x0F || header[0] == 0x8F) && header[1] == 0)
        return link_step_follow(link_step_typed(network, 4, 2), network);
    return link_headers_ppp(network);
}

/* A byte says who sent the frame. */
enum lcap_skip link_frame_ppp_with_direction(struct network_packet *network)
{
    return network_take(network, 1) ? link_frame_framed_ppp(network) : LCAP_SKIP_LINK_HEADER;
}
