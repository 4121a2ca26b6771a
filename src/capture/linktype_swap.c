/*
 * Converts packet headers in the byte order of the capturing host to the other
 * order. The descriptions of the link types at tcpdump.org/linktypes and libpcap's
 * headers pcap/usb.h, pcap/nflog.h and pcap/can_socketcan.h say which fields these
 * are; all others are in network order or single bytes.
 *
 * Fields that control the walk (lengths, counts) are read in the order of the data,
 * so that converting twice gives back the same bytes.
 */
#include "capture/linktype.h"

#include "base/bytes.h"

/* The part of a packet whose fields may be converted. */
struct header {
    uint8_t *data;
    size_t len; /* captured bytes that belong to the packet */
    bool from_big;
};

static void swap16(const struct header *h, size_t at)
{
    if (h->len >= 2 && at <= h->len - 2)
        store16(h->data + at, load16(h->data + at, h->from_big), !h->from_big);
}

static void swap32(const struct header *h, size_t at)
{
    if (h->len >= 4 && at <= h->len - 4)
        store32(h->data + at, load32(h->data + at, h->from_big), !h->from_big);
}

static void swap64(const struct header *h, size_t at)
{
    if (h->len >= 8 && at <= h->len - 8)
        store64(h->data + at, load64(h->data + at, h->from_big), !h->from_big);
}

/* BSD loopback: the address family. */
static void swap_null(const struct header *h)
{
    swap32(h, 0);
}

/* OpenBSD's pf log: the first byte is the length of the header, which grew over time. */
static void swap_pflog(const struct header *h)
{
    enum { UID = 44, PID = 48, RULE_UID = 52, RULE_PID = 56 };
    static const uint8_t fields[] = {UID, PID, RULE_UID, RULE_PID};
    if (h->len == 0)
        return;
    for (size_t i = 0; i < sizeof fields; i++)
        if (h->data[0] >= fields[i] + 4)
            swap32(h, fields[i]);
}

/* SocketCAN after a Linux cooked header; `protocol` is that of this header. */
static void swap_can(const struct header *h, uint16_t protocol, size_t at)
{
    enum { CAN = 0x000C, CAN_FD = 0x000D, CAN_XL = 0x000E };
    if (protocol == CAN || protocol == CAN_FD) {
        swap32(h, at); /* identifier */
    } else if (protocol == CAN_XL) {
        swap32(h, at);     /* priority and virtual network */
        swap16(h, at + 6); /* payload length */
        swap32(h, at + 8); /* acceptance field */
    }
}

/* Linux cooked captures: in network order, except for the CAN header after them. */
static void swap_sll(const struct header *h)
{
    enum { PROTOCOL = 14, LENGTH = 16 };
    if (h->len >= LENGTH)
        swap_can(h, load16(h->data + PROTOCOL, true), LENGTH);
}

static void swap_sll2(const struct header *h)
{
    enum { PROTOCOL = 0, LENGTH = 20 };
    if (h->len >= LENGTH)
        swap_can(h, load16(h->data + PROTOCOL, true), LENGTH);
}

enum {
    USB_TRANSFER_TYPE = 9,
    USB_BUS = 12,
    USB_SECONDS = 16,
    USB_SETUP = 40,
    USB_HEADER = 48,
    USB_DESCRIPTOR_COUNT = 60,
    USB_MMAPPED_HEADER = 64,
    USB_ISOCHRONOUS = 0,
};

/* The first 48 bytes of both kinds of Linux USB headers. */
static void swap_usb(const struct header *h)
{
    swap64(h, 0); /* URB identifier */
    swap16(h, USB_BUS);
    swap64(h, USB_SECONDS);
    for (size_t at = USB_SECONDS + 8; at < USB_SETUP; at += 4)
        swap32(h, at); /* microseconds, status, URB length, data length */
    if (h->len > USB_TRANSFER_TYPE && h->data[USB_TRANSFER_TYPE] == USB_ISOCHRONOUS) {
        swap32(h, USB_SETUP);     /* error count */
        swap32(h, USB_SETUP + 4); /* descriptors of the transfer */
    }
}

/* 16 more bytes, followed by a list of descriptors for isochronous transfers. */
static void swap_usb_mmapped(const struct header *h)
{
    enum { DESCRIPTOR = 16 };
    uint32_t count = 0;
    if (h->len >= USB_MMAPPED_HEADER && h->data[USB_TRANSFER_TYPE] == USB_ISOCHRONOUS)
        count = load32(h->data + USB_DESCRIPTOR_COUNT, h->from_big);
    swap_usb(h);
    for (size_t at = USB_HEADER; at < USB_MMAPPED_HEADER; at += 4)
        swap32(h, at); /* interval, start frame, flags, descriptors that follow */
    for (size_t at = USB_MMAPPED_HEADER; count > 0 && at < h->len; at += DESCRIPTOR, count--) {
        swap32(h, at);     /* status */
        swap32(h, at + 4); /* offset */
        swap32(h, at + 8); /* length */
    }
}

/* Netfilter log: a header in network order, then type, length and value, padded to 4 bytes. */
static void swap_nflog(const struct header *h)
{
    enum { VERSION = 1, HEADER = 4, TLV_HEADER = 4 };
    if (h->len < HEADER || h->data[VERSION] != 0)
        return;
    size_t at = HEADER;
    while (h->len - at >= TLV_HEADER) {
        size_t size = pad4(load16(h->data + at + 2, h->from_big));
        swap16(h, at);
        swap16(h, at + 2);
        if (size < TLV_HEADER || size > h->len - at)
            return;
        at += size;
    }
}

bool linktype_has_host_order_header(uint16_t linktype)
{
    switch (linktype) {
    case LINKTYPE_NULL:
    case LINKTYPE_LINUX_SLL:
    case LINKTYPE_PFLOG:
    case LINKTYPE_USB_LINUX:
    case LINKTYPE_USB_LINUX_MMAPPED:
    case LINKTYPE_NFLOG:
    case LINKTYPE_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}

void linktype_swap_header(uint16_t linktype, uint8_t *data, uint32_t caplen, uint32_t len,
                          bool from_big)
{
    const struct header h = {data, caplen < len ? caplen : len, from_big};
    switch (linktype) {
    case LINKTYPE_NULL:
        swap_null(&h);
        break;
    case LINKTYPE_LINUX_SLL:
        swap_sll(&h);
        break;
    case LINKTYPE_PFLOG:
        swap_pflog(&h);
        break;
    case LINKTYPE_USB_LINUX:
        swap_usb(&h);
        break;
    case LINKTYPE_USB_LINUX_MMAPPED:
        swap_usb_mmapped(&h);
        break;
    case LINKTYPE_NFLOG:
        swap_nflog(&h);
        break;
    case LINKTYPE_LINUX_SLL2:
        swap_sll2(&h);
        break;
    }
}
