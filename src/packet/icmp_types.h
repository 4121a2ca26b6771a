/* What ICMP and ICMPv6 have instead of ports. */
#ifndef PACKET_ICMP_TYPES_H
#define PACKET_ICMP_TYPES_H

#include <stdint.h>

#define ICMP_ONE_WAY (-1)

/*
 * The type of the reply to this type, or of the request that it replies to, for the
 * protocol ICMP or ICMPv6; ICMP_ONE_WAY if there is none. The pairs are those of the
 * Community ID specification, which takes them from Zeek.
 */
int icmp_counterpart(uint8_t protocol, unsigned type);

#endif
