/* Addresses and protocols as text. */
#ifndef PACKET_ADDRESS_TEXT_H
#define PACKET_ADDRESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for an IPv6 address with a NUL. */
#define ADDRESS_TEXT 46

/*
 * IPv4 in dotted decimals, IPv6 as defined by RFC 5952 (lower case, the longest run
 * of zeros shortened), which is what inet_ntop() writes; NUL-terminated. Returns
 * the length. `family` is a FAMILY_.
 */
size_t address_to_text(uint8_t family, const uint8_t *address, char out[ADDRESS_TEXT]);

/* "TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "GRE", …, "ARP" for FAMILY_ARP; "IP 253" for numbers
 * without a known name. The text is a constant. */
const char *protocol_name(uint8_t family, uint8_t protocol);

#endif
