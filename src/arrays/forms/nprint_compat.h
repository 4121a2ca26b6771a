/* How nPrint 1.2.1 reads a packet (src/packet/superpacket.cpp, src/io/pcap_parser.cpp). */
#ifndef ARRAYS_FORMS_NPRINT_COMPAT_H
#define ARRAYS_FORMS_NPRINT_COMPAT_H

#include "arrays/array_row.h"

/* The farthest from its transport header that it reads, but for payload. */
#define NPRINT_COMPAT_REACH 1400

/*
 * Sets the places of the headers as nPrint finds them; data and link type are those of
 * Ethernet if it takes the packet for that, and otherwise of link type 0. False if it
 * leaves the packet out.
 */
bool nprint_compat_view(const struct array_packet *packet, struct array_packet *view);

#endif
