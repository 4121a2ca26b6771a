/* Ethernet, 802.2, and everything that has an Ethernet type and another one after it. */
#include "base/bytes.h"
#include "packet/link_steps.h"

enum lcap_skip link_step_typed(struct network_packet *network, uint32_t len, uint32_t offset)
{
    const uint8_t *header = network->at;
    if (!network_take(network, len))
        return LCAP_SKIP_LINK_HEADER;
    network->type = load16(header + offset, true);
    return LCAP_SKIP_NONE;
}

static enum lcap_skip ethernet_step(struct network_packet *network)
{
    return link_step_typed(network, 14, 12);
}

static enum lcap_skip inner_frame_step(struct network_packet *network)
{
    network->encapsulated = true;
    return ethernet_step(network);
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

/* Cisco's VN-Tag, whose tag has 4 bytes. */
static enum lcap_skip vntag_step(struct network_packet *network)
{
    return link_step_typed(network, 6, 4);
}

/* IEEE 802.1BR, 7.5: a tag of 6 bytes. */
static enum lcap_skip etag_step(struct network_packet *network)
{
    return link_step_typed(network, 8, 6);
}

/* IEEE 802.1Q, 9.7 (once 802.1ah): a service identifier of 4 bytes, then the customer's frame. */
static enum lcap_skip backbone_step(struct network_packet *network)
{
    return network_take(network, 4) ? inner_frame_step(network) : LCAP_SKIP_LINK_HEADER;
}

/* Cisco FabricPath: addresses as in Ethernet, the type, a tag of 2 bytes, then the frame. */
static enum lcap_skip fabricpath_step(struct network_packet *network)
{
    return network_take(network, 2) ? inner_frame_step(network) : LCAP_SKIP_LINK_HEADER;
}

/* Cisco MetaData: version, length, option, security group tag. */
static enum lcap_skip metadata_step(struct network_packet *network)
{
    return link_step_typed(network, 8, 6);
}

/*
 * IEEE 802.1AE, 9.3: flags, the length of short data, packet number, and the channel
 * identifier if a flag says so. The frame ends with an integrity check value, which has
 * 16 bytes in all cipher suites of the standard.
 */
static enum lcap_skip macsec_step(struct network_packet *network)
{
    enum { WITH_CHANNEL = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04, SHORT_LEN = 0x3F, CHECK = 16 };
    const uint8_t *header = network->at;
    if (network->captured < 6 || !network_take(network, header[0] & WITH_CHANNEL ? 14 : 6))
        return LCAP_SKIP_LINK_HEADER;
    if (header[0] & (ENCRYPTED | CHANGED))
        return LCAP_SKIP_ENCRYPTED;
    if (network->len < CHECK)
        return LCAP_SKIP_LINK_HEADER;
    const uint32_t short_len = header[1] & SHORT_LEN;
    network_limit(network, short_len ? short_len : network->len - CHECK);
    return link_step_typed(network, 2, 0);
}

/* RFC 8300, 2.2: the length of the whole header in units of 4 bytes, and a next protocol. */
static enum lcap_skip nsh_step(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured < 8 || (header[1] & 0x3F) < 2 ||
        !network_take(network, (header[1] & 0x3Fu) * 4))
        return LCAP_SKIP_LINK_HEADER;
    switch (header[3]) {
    case 1:
        network->type = ETHER_IPV4;
        return LCAP_SKIP_NONE;
    case 2:
        network->type = ETHER_IPV6;
        return LCAP_SKIP_NONE;
    case 3:
        return inner_frame_step(network);
    case 4:
        network->type = ETHER_NSH;
        return LCAP_SKIP_NONE;
    case 5:
        network->type = ETHER_MPLS;
        return LCAP_SKIP_NONE;
    default:
        return LCAP_SKIP_NO_IP;
    }
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
    return network_take(network, 4) ? inner_frame_step(network) : LCAP_SKIP_LINK_HEADER;
}

/*
 * IEEE 802.2 with SNAP: an Ethernet type under organisation code zero (RFC 1042) or
 * under that of bridges (IEEE 802.1H). IP also has its own SAP, 6.
 */
enum lcap_skip link_step_llc(struct network_packet *network)
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
    return link_step_llc(network);
}

static enum lcap_skip step(struct network_packet *network)
{
    static const struct {
        uint16_t type;
        link_step *step;
    } steps[] = {
        {ETHER_VLAN, vlan_step},
        {ETHER_VLAN_SERVICE, vlan_step},
        {ETHER_MPLS, mpls_step},
        {ETHER_PPPOE_SESSION, link_step_pppoe},
        {ETHER_MPLS_UPSTREAM, mpls_step},
        {ETHER_VLAN_9100, vlan_step},
        {ETHER_VLAN_9200, vlan_step},
        {ETHER_VLAN_9300, vlan_step},
        {ETHER_BACKBONE, backbone_step},
        {ETHER_VNTAG, vntag_step},
        {ETHER_ETAG, etag_step},
        {ETHER_FABRICPATH, fabricpath_step},
        {ETHER_METADATA, metadata_step},
        {ETHER_MACSEC, macsec_step},
        {ETHER_NSH, nsh_step},
        {ETHER_BRIDGED, inner_frame_step},
    };
    if (network->type < ETHER_LENGTHS_END)
        return length_step(network);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].type == network->type)
            return steps[i].step(network);
    }
    return LCAP_SKIP_NO_IP;
}

static bool is_network_protocol(uint16_t type)
{
    return type == ETHER_IPV4 || type == ETHER_IPV6 || type == ETHER_ARP;
}

enum lcap_skip link_step_follow(enum lcap_skip skip, struct network_packet *network)
{
    while (skip == LCAP_SKIP_NONE && !is_network_protocol(network->type))
        skip = step(network);
    return skip;
}

enum lcap_skip link_headers_ethernet(struct network_packet *network)
{
    return link_step_follow(ethernet_step(network), network);
}

enum lcap_skip link_headers_typed(struct network_packet *network, uint16_t type)
{
    network->type = type;
    return link_step_follow(LCAP_SKIP_NONE, network);
}

enum lcap_skip link_frame_llc(struct network_packet *network)
{
    return link_step_follow(link_step_llc(network), network);
}
