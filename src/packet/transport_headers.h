/* The transport header of a packet, whole or in part. */
#ifndef PACKET_TRANSPORT_HEADERS_H
#define PACKET_TRANSPORT_HEADERS_H

#include "packet/packet_headers.h"

/* The beginning of a transport header, as far as it was captured or is known from fragments. */
struct transport_head {
    const uint8_t *at;
    uint32_t known; /* bytes at `at` */
};

/*
 * Removes the header from the beginning of the payload of `headers`, or returns why
 * the packet is in no flow. The ports must be known, or type and code of ICMP; other
 * fields that are unknown stay 0.
 */
enum lcap_skip transport_headers_parse(struct packet_headers *headers,
                                       const struct transport_head *head);

/*
 * The same for a later fragment, whose payload begins `offset` bytes after the beginning
 * of the header. False if the ports, or type and code, are unknown.
 */
bool transport_headers_continue(struct packet_headers *headers, const struct transport_head *head,
                                uint32_t offset);

#endif
