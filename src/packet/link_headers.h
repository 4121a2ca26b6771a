/* From the first byte of a packet to its network protocol, through all link-layer headers. */
#ifndef PACKET_LINK_HEADERS_H
#define PACKET_LINK_HEADERS_H

#include <labelcap/packet.h>

/* Ethernet types (the registry of IEEE 802 numbers at IANA). */
enum ether_type {
    ETHER_LENGTHS_END = 0x0600, /* values below are lengths of IEEE 802.3 */
    ETHER_IPV4 = 0x0800,
    ETHER_ARP = 0x0806,
    ETHER_ERSPAN_III = 0x22EB,
    ETHER_BRIDGED = 0x6558, /* an Ethernet frame */
    ETHER_VLAN = 0x8100,
    ETHER_IPV6 = 0x86DD,
    ETHER_MPLS = 0x8847,
    ETHER_MPLS_UPSTREAM = 0x8848,
    ETHER_PPPOE_SESSION = 0x8864,
    ETHER_PPP_IN_GRE = 0x880B,
    ETHER_VLAN_SERVICE = 0x88A8,
    ETHER_ERSPAN = 0x88BE,
    ETHER_MACSEC = 0x88E5,
    ETHER_BACKBONE = 0x88E7, /* IEEE 802.1ah */
    ETHER_FABRICPATH = 0x8903,
    ETHER_METADATA = 0x8909, /* of Cisco */
    ETHER_VNTAG = 0x8926,
    ETHER_ETAG = 0x893F, /* IEEE 802.1BR */
    ETHER_NSH = 0x894F,
    /* VLAN tags of switches before IEEE 802.1ad. */
    ETHER_VLAN_9100 = 0x9100,
    ETHER_VLAN_9200 = 0x9200,
    ETHER_VLAN_9300 = 0x9300,
};

#define VLAN_NONE UINT16_MAX

/* The rest of a packet after the headers that were removed. */
struct network_packet {
    const uint8_t *at;
    uint32_t captured; /* bytes at `at`; never more than `len` */
    uint32_t len;      /* bytes on the wire, unless headers say less */
    uint16_t type;     /* the Ethernet type of what begins at `at`, 0 if it has none */
    uint16_t vlan;     /* VLAN ID of the outermost tag, or VLAN_NONE */
    bool encapsulated; /* in another frame or packet, whose headers come first */
};

/* Removes `len` bytes; false if fewer are captured. */
static inline bool network_take(struct network_packet *network, uint32_t len)
{
    if (len > network->captured)
        return false;
    network->at += len;
    network->captured -= len;
    network->len -= len;
    return true;
}

/* Cuts off what follows the first `len` bytes, as the length field of a header says. */
static inline void network_limit(struct network_packet *network, uint32_t len)
{
    if (network->len > len)
        network->len = len;
    if (network->captured > len)
        network->captured = len;
}

/*
 * Fills `network` with what follows the link headers, of type IPv4, IPv6 or ARP; or returns why
 * not. After LCAP_SKIP_LINK_TYPE its type is the unknown link type, and after LCAP_SKIP_NO_IP the
 * last Ethernet type that was read, or a value below ETHER_LENGTHS_END.
 */
enum lcap_skip link_headers_parse(const struct lcap_packet *packet, struct network_packet *network);

/* The same inside a tunnel: `network` is an Ethernet frame, a PPP frame, or what an Ethernet type
 * stands for. */
enum lcap_skip link_headers_ethernet(struct network_packet *network);
enum lcap_skip link_headers_ppp(struct network_packet *network);
enum lcap_skip link_headers_typed(struct network_packet *network, uint16_t type);

/* IPv4 or IPv6, according to the first half octet. */
enum lcap_skip link_headers_raw_ip(struct network_packet *network);

#endif
