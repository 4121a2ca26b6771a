/* The packet inside a tunnel packet. */
#ifndef PACKET_TUNNEL_HEADERS_H
#define PACKET_TUNNEL_HEADERS_H

#include "packet/packet_headers.h"

/* Fills `inner` with the packet that `outer` carries; false if it carries none. */
bool tunnel_enter(const struct packet_headers *outer, struct network_packet *inner);

#endif
