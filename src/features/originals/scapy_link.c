/* Link layers and tunnels as scapy 2.5.0 binds them. */
#include "capture/linktype.h"
#include "features/originals/scapy_walk.h"

enum {
    GRE_ETHERNET = 0x6558,
    GRE_PPTP = 0x880b,
};

/* The next layer by an EtherType after SNAP, SLL and GRE. */
static enum layer plain_type(uint16_t type)
{
    switch (type) {
    case ETHERTYPE_IPV4:
        return LAYER_IP4;
    case ETHERTYPE_IPV6:
        return LAYER_IP6;
    case ETHERTYPE_VLAN:
        return LAYER_VLAN;
    case ETHERTYPE_ARP:
        return LAYER_ARP;
    default:
        return LAYER_END;
    }
}

static enum layer ether_type(uint16_t type)
{
    switch (type) {
    case 1:
        return LAYER_ETHER;
    case ETHERTYPE_LLC:
    case ETHERTYPE_LLC_JUMBO:
        return LAYER_LLC;
    case ETHERTYPE_QINQ:
        return LAYER_VLAN;
    case ETHERTYPE_PPPOE:
        return LAYER_PPPOE;
    default:
        return plain_type(type);
    }
}

static enum layer sll_type(uint16_t type)
{
    switch (type) {
    case 1:
        return LAYER_ETHER;
    case ETHERTYPE_LLC:
        return LAYER_LLC;
    case ETHERTYPE_PPPOE:
        return LAYER_PPPOE;
    default:
        return plain_type(type);
    }
}

static enum layer walk_ether(struct walk *walk)
{
    if (walk->left < 14)
        return LAYER_END;
    uint16_t type = be16(walk->at + 12);
    skip(walk, 14, LAYER_END);
    if (type > ETHERTYPE_MAX_LENGTH)
        return ether_type(type);
    limit(walk, type); /* 802.3: a length */
    return LAYER_LLC;
}

static enum layer walk_vlan(struct walk *walk)
{
    if (walk->left < 4)
        return LAYER_END;
    uint16_t type = be16(walk->at + 2);
    skip(walk, 4, LAYER_END);
    if (type > ETHERTYPE_MAX_LENGTH)
        return ether_type(type);
    limit(walk, type);
    return type == 1 ? LAYER_ETHER : LAYER_LLC;
}

static enum layer walk_llc(struct walk *walk)
{
    static const uint8_t snap[3] = {0xaa, 0xaa, 0x03};
    bool is_snap = walk->left >= sizeof snap && memcmp(walk->at, snap, sizeof snap) == 0;
    return skip(walk, sizeof snap, is_snap ? LAYER_SNAP : LAYER_END);
}

static enum layer walk_snap(struct walk *walk)
{
    if (walk->left < 5)
        return LAYER_END;
    uint16_t type = be16(walk->at + 3);
    return skip(walk, 5, type == 1 ? LAYER_ETHER : plain_type(type));
}

static enum layer walk_sll(struct walk *walk)
{
    return walk->left < 16 ? LAYER_END : skip(walk, 16, sll_type(be16(walk->at + 14)));
}

static enum layer walk_sll2(struct walk *walk)
{
    return walk->left < 20 ? LAYER_END : skip(walk, 20, sll_type(be16(walk->at)));
}

/* The family is the first byte in the file, with Linux's numbers; 0 also means IPv4. */
static enum layer walk_loopback(struct walk *walk)
{
    const struct lcap_interface *interface = walk->packet->interface;
    if (walk->left < 4)
        return LAYER_END;
    bool swapped = linktype_has_host_order_header(interface->linktype) &&
                   interface->big_endian != HOST_BIG_ENDIAN;
    uint8_t family = walk->at[swapped ? 3 : 0];
    return skip(walk, 4,
                family == 0 || family == 2 ? LAYER_IP4
                : family == 10             ? LAYER_IP6
                                           : LAYER_END);
}

static enum layer walk_hdlc(struct walk *walk)
{
    return skip(walk, 2, LAYER_PPP);
}

static enum layer walk_ppp(struct walk *walk)
{
    if (walk->at[0] == 0xff)
        return walk_hdlc(walk);
    bool compressed = walk->at[0] & 1; /* RFC 1661, 6.5 */
    if (!compressed && walk->left < 2)
        return LAYER_END;
    uint16_t protocol = compressed ? walk->at[0] : be16(walk->at);
    return skip(walk, compressed ? 1 : 2,
                protocol == 0x21   ? LAYER_IP4
                : protocol == 0x57 ? LAYER_IP6
                                   : LAYER_END);
}

static enum layer walk_pppoe(struct walk *walk)
{
    if (walk->left < 6)
        return LAYER_END;
    return skip(walk, 6, walk->at[1] == 0 ? LAYER_PPP : LAYER_END);
}

/* Whether frames end with their check sequence: flag 0x10 of the field "Flags" (bit 1). */
static bool radiotap_fcs(const uint8_t *at, uint32_t len)
{
    uint32_t present = load32(at + 4, false);
    uint32_t fields = 8;
    for (uint32_t word = present; word >> 31 && fields + 4 <= len; fields += 4)
        word = load32(at + fields, false);
    if (present & 1) /* the time before it: 8 bytes, aligned */
        fields = ((fields + 7) & ~7U) + 8;
    return (present & 2) && fields < len && (at[fields] & 0x10);
}

static enum layer walk_radiotap(struct walk *walk)
{
    if (walk->left < 8)
        return LAYER_END;
    uint16_t len = load16(walk->at + 2, false);
    if (len < 8 || len > walk->left)
        return LAYER_END;
    uint32_t fcs = radiotap_fcs(walk->at, len) ? 4 : 0;
    skip(walk, len, LAYER_END);
    if (walk->left < fcs)
        return LAYER_END;
    walk->left -= fcs;
    walk->trailer = fcs;
    return LAYER_DOT11;
}

/* Only unencrypted data frames are parsed further. */
static enum layer walk_dot11(struct walk *walk)
{
    if (walk->left < 24 || (walk->at[0] & 0x0c) != 0x08)
        return LAYER_END;
    uint8_t subtype = walk->at[0] >> 4;
    uint8_t flags = walk->at[1];
    bool qos = subtype >= 8 && subtype != 13;
    enum layer next = (flags & 0x40) ? LAYER_END : qos ? LAYER_DOT11_QOS : LAYER_LLC;
    return skip(walk, (flags & 3) == 3 ? 30 : 24, next);
}

static enum layer walk_dot11_qos(struct walk *walk)
{
    return skip(walk, 2, LAYER_LLC);
}

static enum layer walk_ppi(struct walk *walk)
{
    if (walk->left < 8 || load16(walk->at + 2, false) < 8)
        return LAYER_END;
    const uint32_t linktype = load32(walk->at + 4, false);
    return skip(walk, load16(walk->at + 2, false), scapy_first_layer(linktype));
}

static enum layer walk_gre(struct walk *walk)
{
    if (walk->left < 4)
        return LAYER_END;
    uint8_t bits = walk->at[0];
    uint16_t type = be16(walk->at + 2);
    bool pptp = type == GRE_PPTP; /* RFC 2637: length and call ID, then two numbers */
    uint32_t len = 4;
    if (pptp)
        len += 4 + ((bits & 0x10) ? 4 : 0) + ((walk->at[1] & 0x80) ? 4 : 0);
    else
        len += ((bits & 0xc0) ? 4 : 0) + ((bits & 0x20) ? 4 : 0) + ((bits & 0x10) ? 4 : 0);
    if (len > walk->left)
        return LAYER_END;
    bool routing = bits & 0x40;
    skip(walk, len, LAYER_END);
    switch (type) {
    case ETHERTYPE_LLC:
        return LAYER_LLC;
    case GRE_ETHERNET:
        return LAYER_ETHER;
    case ETHERTYPE_VLAN:
    case ETHERTYPE_ARP:
        return plain_type(type);
    case GRE_PPTP:
        return routing ? LAYER_END : LAYER_PPP;
    default:
        return routing ? LAYER_END : plain_type(type);
    }
}

/* Flags 0x80: group policy (3 bytes); 0x04: next protocol (3 bytes); neither: 3 bytes reserved. */
static enum layer walk_vxlan(struct walk *walk)
{
    uint8_t flags = walk->at[0];
    bool policy = flags & 0x80, generic = flags & 0x04;
    uint32_t len = 1 + (policy && generic ? 6 : 3) + 4;
    if (walk->left < len)
        return LAYER_END;
    uint8_t protocol = generic ? walk->at[3] : 0;
    skip(walk, len, LAYER_END);
    switch (protocol) {
    case 0:
    case 3:
        return LAYER_ETHER;
    case 1:
        return LAYER_IP4;
    case 2:
        return LAYER_IP6;
    default:
        return LAYER_END;
    }
}

/* RFC 2661, 3.1; everything after the header counts as PPP. */
static enum layer walk_l2tp(struct walk *walk)
{
    if (walk->left < 2)
        return LAYER_END;
    uint8_t bits = walk->at[0];
    bool control = bits & 0x80;
    uint32_t len = 6;
    if (control || (bits & 0x40))
        len += 2;
    if (control || (bits & 0x08))
        len += 4;
    if (!control && (bits & 0x02))
        len += 4;
    return len > walk->left ? LAYER_END : skip(walk, len, LAYER_PPP);
}

walker *const scapy_link_walkers[LAYER_ARP] = {
    [LAYER_ETHER] = walk_ether,
    [LAYER_VLAN] = walk_vlan,
    [LAYER_LLC] = walk_llc,
    [LAYER_SNAP] = walk_snap,
    [LAYER_SLL] = walk_sll,
    [LAYER_SLL2] = walk_sll2,
    [LAYER_LOOPBACK] = walk_loopback,
    [LAYER_PPP] = walk_ppp,
    [LAYER_HDLC] = walk_hdlc,
    [LAYER_PPPOE] = walk_pppoe,
    [LAYER_RADIOTAP] = walk_radiotap,
    [LAYER_DOT11] = walk_dot11,
    [LAYER_DOT11_QOS] = walk_dot11_qos,
    [LAYER_PPI] = walk_ppi,
    [LAYER_GRE] = walk_gre,
    [LAYER_VXLAN] = walk_vxlan,
    [LAYER_L2TP] = walk_l2tp,
};
