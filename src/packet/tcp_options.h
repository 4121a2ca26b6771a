/* Options of a TCP header. */
#ifndef PACKET_TCP_OPTIONS_H
#define PACKET_TCP_OPTIONS_H

#include "packet/packet_headers.h"

/* The sender's clock, TSval of the option Timestamps (RFC 7323, 3.2); false without it. */
bool tcp_options_timestamp(const struct packet_headers *headers, uint32_t *value);

#endif
