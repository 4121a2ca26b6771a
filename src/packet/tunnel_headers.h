/* What a packet carries when it is one of a tunnel. */
#ifndef PACKET_TUNNEL_HEADERS_H
#define PACKET_TUNNEL_HEADERS_H

#include "packet/packet_headers.h"

/* Fills `inner` with the packet that `outer` carries; false where it carries none. */
bool tunnel_enter(const struct packet_headers *outer, struct network_packet *inner);

#endif
