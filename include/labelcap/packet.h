/*
 * A packet as a capture has it, the interface it came in by, and why one may
 * be in no flow.
 *
 * A reader hands packets out (labelcap/capture.h); a program may also make one
 * itself: its interface's link type, data, lengths and time are what matching
 * and flows need.
 */
#ifndef LABELCAP_PACKET_H
#define LABELCAP_PACKET_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an interface describes itself. Owned by its reader, valid as long as it. */
struct lcap_interface {
    uint32_t number;        /* counted from 0 through all sections of the capture */
    uint16_t linktype;      /* LINKTYPE_ value as in the file (raw IP is 101) */
    uint32_t snaplen;       /* longest capture length; 0 = no limit */
    uint8_t tsresol;        /* as if_tsresol: 6 = 10^-6 s; with the top bit set a power of 2 */
    int64_t tsoffset;       /* seconds that are added to every timestamp */
    int32_t tsoffset_ns;    /* nanoseconds that are added besides; below a second either way */
    int fcs_len;            /* bytes of frame check sequence at a packet's end; -1 = not said */
    bool big_endian;        /* the byte order of its section */
    const uint8_t *options; /* raw pcapng options in that byte order; NULL from pcap */
    size_t options_len;
    const char *name; /* if_name, not terminated; NULL = none */
    size_t name_len;
};

/* The drop count of a packet that says nothing of drops. */
#define LCAP_NO_DROPS UINT64_MAX

struct lcap_packet {
    const struct lcap_interface *interface;
    /*
     * The captured bytes. Link-type headers that are in host byte order
     * (NULL, USB, NFLOG, PFLOG, …) are in the order of THIS host, as libpcap has it.
     */
    const uint8_t *data;
    uint32_t caplen; /* bytes at `data` */
    uint32_t len;    /* bytes on the wire */
    bool has_time;   /* false for a Simple Packet Block */
    /*
     * Nanoseconds since 1970-01-01 UTC, rounded down; times outside the years
     * 1677 to 2262 are held at INT64_MIN and INT64_MAX. INT64_MIN without time.
     */
    int64_t time_ns;
    uint64_t timestamp;     /* the same in units of the interface, without its offsets: exact */
    const uint8_t *options; /* raw options in the section's byte order; NULL = none */
    uint32_t options_len;   /* padded length, opt_endofopt not counted */
    const char *comment;    /* text of the first opt_comment, not terminated; NULL = none */
    uint32_t comment_len;
    uint64_t drops; /* of an obsolete Packet Block; otherwise LCAP_NO_DROPS */
};

/* Why a packet is in no flow. */
enum lcap_skip {
    LCAP_SKIP_NONE,          /* it is in one */
    LCAP_SKIP_LINK_TYPE,     /* a link type that is not known here */
    LCAP_SKIP_LINK_HEADER,   /* a link header that is cut short or malformed */
    LCAP_SKIP_NO_IP,         /* neither IP nor ARP */
    LCAP_SKIP_NO_DATA_FRAME, /* 802.11: a management or control frame, or one without data */
    LCAP_SKIP_ENCRYPTED,     /* 802.11: encrypted */
    LCAP_SKIP_IP_HEADER,     /* an IP or ARP header that is cut short or malformed */
    LCAP_SKIP_TRANSPORT,     /* a transport header that is cut short or malformed */
    LCAP_SKIP_PROFILE,       /* not of the kind that the profile takes, in compat mode */
    LCAP_SKIP_REASONS
};

/* "no IP", …: for people. */
LCAP_API const char *lcap_skip_text(enum lcap_skip reason);

#ifdef __cplusplus
}
#endif

#endif
