/*
 * The steps through link layers. Each removes a header and finds the Ethernet type of
 * what follows, or returns why there is no network protocol. Every step removes at
 * least a byte, so nested headers end with the captured bytes.
 */
#ifndef PACKET_LINK_STEPS_H
#define PACKET_LINK_STEPS_H

#include "packet/link_headers.h"

typedef enum lcap_skip link_step(struct network_packet *network);

/* A header of `len` bytes with an Ethernet type at `offset`. */
enum lcap_skip link_step_typed(struct network_packet *network, uint32_t len, uint32_t offset);

/* Continues from the Ethernet type to the network protocol, if `skip` says that there is a type. */
enum lcap_skip link_step_follow(enum lcap_skip skip, struct network_packet *network);

/* IPv4 or IPv6 by the number that a system has for its address family. */
enum lcap_skip link_step_family(struct network_packet *network, uint32_t family);

link_step link_step_llc, link_step_pppoe, link_step_ppp;

/* Whole link layers, each up to the network protocol. */
link_step link_frame_llc, link_frame_framed_ppp, link_frame_ppp_with_direction;
link_step link_frame_pppoe;
link_step link_frame_wlan, link_frame_radiotap, link_frame_prism_or_avs;
link_step link_frame_fddi, link_frame_token_ring, link_frame_arcnet, link_frame_arcnet_linux;
link_step link_frame_ipoib, link_frame_ieee1394;
link_step link_frame_sll, link_frame_sll2, link_frame_null, link_frame_loop, link_frame_enc;
link_step link_frame_nflog, link_frame_netanalyzer, link_frame_netanalyzer_transparent;

#endif
