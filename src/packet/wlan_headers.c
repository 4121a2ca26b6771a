/* 802.11, and the headers that capture tools put before it. */
#include "base/bytes.h"
#include "packet/link_steps.h"

/* Bits of frame control (IEEE 802.11-2020, 9.2.4.1), first and second octet. */
enum { WLAN_VERSION = 0x03, WLAN_TYPE = 0x0C, WLAN_TYPE_DATA = 0x08 };
enum { WLAN_SUBTYPE_NO_DATA = 0x40, WLAN_SUBTYPE_QOS = 0x80 };
enum { WLAN_BOTH_DS = 0x03, WLAN_PROTECTED = 0x40, WLAN_ORDER = 0x80 };
enum { WLAN_QOS_AMSDU = 0x80 }; /* in the first octet of QoS control (9.2.4.5) */

/*
 * Three addresses, a fourth between access points; QoS control, then HT control.
 * `padded`: the header is padded to a multiple of 4 bytes.
 */
static uint32_t wlan_header_len(const uint8_t *frame, bool padded)
{
    uint32_t len = 24;
    if ((frame[1] & WLAN_BOTH_DS) == WLAN_BOTH_DS)
        len += 6;
    if (frame[0] & WLAN_SUBTYPE_QOS)
        len += frame[1] & WLAN_ORDER ? 6 : 2;
    return padded ? (len + 3) & ~3u : len;
}

static bool wlan_is_aggregate(const uint8_t *frame)
{
    if (!(frame[0] & WLAN_SUBTYPE_QOS))
        return false;
    unsigned qos = (frame[1] & WLAN_BOTH_DS) == WLAN_BOTH_DS ? 30 : 24;
    return frame[qos] & WLAN_QOS_AMSDU;
}

/*
 * 9.3.2.2.2: subframes of two addresses, a length and that many bytes, padded to a multiple
 * of 4. The packet is that of the first subframe with a network protocol; if there is
 * none, `network` and the answer are those of the first.
 */
static enum lcap_skip aggregate(struct network_packet *network)
{
    enum { HEADER = 14 };
    struct network_packet rest = *network;
    rest.encapsulated = true;
    enum lcap_skip first = LCAP_SKIP_NONE;
    for (bool is_first = true;; is_first = false) {
        const uint8_t *header = rest.at;
        if (!network_take(&rest, HEADER))
            return is_first ? LCAP_SKIP_LINK_HEADER : first;
        struct network_packet frame = rest;
        const uint32_t len = load16(header + 12, true);
        network_limit(&frame, len);
        const enum lcap_skip skip = link_frame_llc(&frame);
        if (is_first)
            first = skip;
        if (is_first || skip == LCAP_SKIP_NONE)
            *network = frame;
        if (skip == LCAP_SKIP_NONE)
            return skip;
        /* The padding is counted from the header on. */
        if (!network_take(&rest, ((HEADER + len + 3) & ~3u) - HEADER))
            return first;
    }
}

static enum lcap_skip wlan(struct network_packet *network, bool padded)
{
    const uint8_t *frame = network->at;
    if (network->captured < 2 || (frame[0] & WLAN_VERSION) != 0)
        return LCAP_SKIP_LINK_HEADER;
    if ((frame[0] & WLAN_TYPE) != WLAN_TYPE_DATA || (frame[0] & WLAN_SUBTYPE_NO_DATA))
        return LCAP_SKIP_NO_DATA_FRAME;
    if (frame[1] & WLAN_PROTECTED)
        return LCAP_SKIP_ENCRYPTED;
    if (!network_take(network, wlan_header_len(frame, padded)))
        return LCAP_SKIP_LINK_HEADER;
    /* Later fragments of a frame continue where the previous one ended. */
    if (frame[22] & 0x0F)
        return LCAP_SKIP_NO_IP;
    return wlan_is_aggregate(frame) ? aggregate(network) : link_frame_llc(network);
}

enum lcap_skip link_frame_wlan(struct network_packet *network)
{
    return wlan(network, false);
}

/* In the flags octet, radiotap.org's field 1. */
enum { RADIOTAP_PADDED = 0x20 };

/* Whether a radiotap header of `len` bytes says that the header of the frame is padded. The flags
 * octet follows all words of presence bits and, if present, a time of 8 aligned bytes. */
static bool radiotap_says_padded(const uint8_t *header, uint32_t len)
{
    uint32_t present = load32(header + 4, false), at = 8, word = present;
    while (word >> 31 && at + 4 <= len) {
        word = load32(header + at, false);
        at += 4;
    }
    if (present & 1)
        at = ((at + 7) & ~7u) + 8;
    return (present & 2) && at < len && (header[at] & RADIOTAP_PADDED);
}

/* radiotap.org: version 0, a byte of padding, length of the whole header. */
enum lcap_skip link_frame_radiotap(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured < 8 || header[0] != 0)
        return LCAP_SKIP_LINK_HEADER;
    uint32_t len = load16(header + 2, false);
    if (len < 8 || !network_take(network, len))
        return LCAP_SKIP_LINK_HEADER;
    return wlan(network, radiotap_says_padded(header, len));
}

/* A Prism header has 144 bytes; an AVS header, which also occurs under the link type of Prism,
 * begins with a magic number and states its length. */
enum lcap_skip link_frame_prism_or_avs(struct network_packet *network)
{
    const uint8_t *header = network->at;
    if (network->captured < 8)
        return LCAP_SKIP_LINK_HEADER;
    bool avs = (load32(header, true) & 0xFFFFF000) == 0x80211000;
    if (!network_take(network, avs ? load32(header + 4, true) : 144))
        return LCAP_SKIP_LINK_HEADER;
    return wlan(network, false);
}
