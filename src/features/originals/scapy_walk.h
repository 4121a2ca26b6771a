/* The walk of scapy_packet.c: its state, and the layers that scapy_link.c knows. */
#ifndef FEATURES_ORIGINALS_SCAPY_WALK_H
#define FEATURES_ORIGINALS_SCAPY_WALK_H

#include "base/bytes.h"
#include <labelcap/capture.h>

/* Link layers and tunnels come first, network layers from LAYER_ARP on. */
enum layer {
    LAYER_END, /* nothing relevant follows */
    LAYER_ETHER,
    LAYER_VLAN,
    LAYER_LLC,
    LAYER_SNAP,
    LAYER_SLL,
    LAYER_SLL2,
    LAYER_LOOPBACK,
    LAYER_PPP,
    LAYER_HDLC,
    LAYER_PPPOE,
    LAYER_RADIOTAP,
    LAYER_DOT11,
    LAYER_DOT11_QOS,
    LAYER_PPI,
    LAYER_GRE,
    LAYER_VXLAN,
    LAYER_L2TP,
    LAYER_ARP,
    LAYER_IP46,
    LAYER_IP4,
    LAYER_IP4_ERROR, /* as quoted by ICMP */
    LAYER_IP6,
    LAYER_IP6_ERROR,
    LAYER_IP6_OPTIONS,
    LAYER_IP6_ROUTING,
    LAYER_IP6_FRAGMENT,
    LAYER_ICMP6_ERROR,
    LAYER_AH,
    LAYER_TCP,
    LAYER_UDP,
    LAYER_UDP_ERROR,
    LAYER_ICMP,
    LAYER_ICMP_ERROR,
    LAYERS
};

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_PPPOE = 0x8864,
    ETHERTYPE_LLC = 122,         /* scapy's value */
    ETHERTYPE_LLC_JUMBO = 34928, /* LLC with more than 1,500 bytes */
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_MAX_LENGTH = 1500,
};

/* Every layer takes at least a byte, so every walk ends. */
struct walk {
    const struct lcap_packet *packet;
    const uint8_t *at; /* what is not yet dissected … */
    uint32_t left;     /* … without padding; above 0 when a layer begins */
    uint32_t trailer;  /* bytes at the end of the packet that belong to an earlier layer */
    const uint8_t *ip4, *ip6, *arp, *tcp, *udp; /* the first of each; NULL = none */
    uint32_t tcp_left;                          /* bytes at `tcp` */
    bool icmp;
};

/* Takes a layer; returns the next one, if bytes are left. */
typedef enum layer walker(struct walk *walk);

/* By the numbers that scapy knows; other link types have no layers in scapy. */
enum layer scapy_first_layer(uint32_t linktype);

/* By layer, up to LAYER_ARP. */
extern walker *const scapy_link_walkers[LAYER_ARP];

static inline uint16_t be16(const uint8_t *at)
{
    return load16(at, true);
}

/* Continues after `len` bytes, or at the end. */
static inline enum layer skip(struct walk *walk, uint32_t len, enum layer next)
{
    if (len > walk->left)
        len = walk->left;
    walk->at += len;
    walk->left -= len;
    return next;
}

static inline void limit(struct walk *walk, uint32_t len)
{
    if (walk->left > len)
        walk->left = len;
}

#endif
