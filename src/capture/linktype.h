/* Link types: names, libpcap's numbers, headers in host byte order. */
#ifndef CAPTURE_LINKTYPE_H
#define CAPTURE_LINKTYPE_H

#include "base/linktype_numbers.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether packets of this link type begin with fields in the byte order of the capturing host. */
bool linktype_has_host_order_header(uint16_t linktype);

/* Whether libpcap has a number of its own for it on Linux (DLT_RAW is 12, LINKTYPE_RAW 101). */
bool linktype_is_renumbered(uint16_t linktype);

/*
 * Converts those fields from one byte order to the other, in place, as libpcap's
 * swap_pseudo_headers() does for a file in the other order. Never touches bytes
 * past `caplen`. `from_big` is the order of `data`.
 */
void linktype_swap_header(uint16_t linktype, uint8_t *data, uint32_t caplen, uint32_t len,
                          bool from_big);

#endif
