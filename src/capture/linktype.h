/* What is known of link types: names, libpcap's numbers, headers in host byte order. */
#ifndef CAPTURE_LINKTYPE_H
#define CAPTURE_LINKTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_PPP = 9,
    LINKTYPE_PPP_HDLC = 50,
    LINKTYPE_RAW = 101,
    LINKTYPE_IEEE802_11 = 105,
    LINKTYPE_LOOP = 108,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_PFLOG = 117,
    LINKTYPE_SUNATM = 123,
    LINKTYPE_IEEE802_11_RADIOTAP = 127,
    LINKTYPE_MTP2_WITH_PHDR = 139,
    LINKTYPE_MTP2 = 140,
    LINKTYPE_USB_LINUX = 189,
    LINKTYPE_PPI = 192,
    LINKTYPE_USB_LINUX_MMAPPED = 220,
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    LINKTYPE_NFLOG = 239,
    LINKTYPE_LINUX_SLL2 = 276,
};

/* Whether packets of this link type begin with fields in the byte order of the capturing host. */
bool linktype_has_host_order_header(uint16_t linktype);

/*
 * Turns those fields from one byte order to the other, in place, as libpcap's
 * swap_pseudo_headers() does when it reads a file of the other order. Never
 * touches bytes past `caplen`. `from_big` is the order that `data` is in.
 */
void linktype_swap_header(uint16_t linktype, uint8_t *data, uint32_t caplen, uint32_t len,
                          bool from_big);

#endif
