/*
 * A packet of a capture, the interface on which it was captured, and the reasons
 * why a packet is in no flow.
 *
 * A reader returns packets (labelcap/capture.h). A program may also build one
 * itself: matching and flows need the link type of its interface, its data,
 * lengths and time. So packets and interfaces do not grow.
 *
 * Threads: several may read a packet or an interface as long as it is valid.
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

/* The description of an interface. Owned by its reader and valid as long as that. */
struct lcap_interface {
    uint32_t number;   /* from 0, in the order in which the reader read the interfaces: through all
                          sections of the capture, unless it has seeked */
    uint16_t linktype; /* LINKTYPE_ value as in the file (raw IP is 101) */
    uint32_t snaplen;  /* longest capture length; 0 = no limit */
    uint8_t tsresol;   /* like if_tsresol: 6 = 10^-6 s; a power of 2 if the top bit is set */
    int64_t tsoffset;  /* seconds added to every timestamp */
    int32_t tsoffset_ns;    /* nanoseconds added as well; less than a second, of either sign */
    int fcs_len;            /* bytes of frame check sequence at the end of a packet; -1 = unknown */
    bool big_endian;        /* the byte order of its section */
    const uint8_t *options; /* raw pcapng options in that byte order; NULL for pcap */
    size_t options_len;
    const char *name; /* if_name, not terminated; NULL = none */
    size_t name_len;
};

/* The drop count of a packet that has none. */
#define LCAP_NO_DROPS UINT64_MAX

struct lcap_packet {
    const struct lcap_interface *interface;
    /*
     * The captured bytes. Link-layer headers in host byte order (NULL, USB, NFLOG,
     * PFLOG, …) are in the order of THIS host, as with libpcap.
     */
    const uint8_t *data;
    uint32_t caplen; /* bytes at `data` */
    uint32_t len;    /* bytes on the wire */
    bool has_time;   /* false for a Simple Packet Block */
    /*
     * Nanoseconds since 1970-01-01 UTC, rounded down; times outside the years
     * 1677 to 2262 are set to INT64_MIN or INT64_MAX. INT64_MIN without a time.
     */
    int64_t time_ns;
    uint64_t timestamp;     /* the exact time in units of the interface, without its offsets */
    const uint8_t *options; /* raw options in the section's byte order; NULL = none */
    uint32_t options_len;   /* padded length, without opt_endofopt */
    const char *comment;    /* text of the first opt_comment, not terminated; NULL = none */
    uint32_t comment_len;
    uint64_t drops; /* from an obsolete Packet Block; otherwise LCAP_NO_DROPS */
};

/* Why a packet is in no flow. */
enum lcap_skip {
    LCAP_SKIP_NONE,          /* it is in one */
    LCAP_SKIP_LINK_TYPE,     /* an unknown link type */
    LCAP_SKIP_LINK_HEADER,   /* a truncated or malformed link header */
    LCAP_SKIP_NO_IP,         /* neither IP nor ARP */
    LCAP_SKIP_NO_DATA_FRAME, /* a management or control frame, or one without data: 802.11, FDDI, …
                              */
    LCAP_SKIP_ENCRYPTED,     /* an encrypted frame: 802.11, MACsec */
    LCAP_SKIP_IP_HEADER,     /* a truncated or malformed IP or ARP header */
    LCAP_SKIP_TRANSPORT,     /* a truncated or malformed transport header */
    LCAP_SKIP_PROFILE,       /* in compat mode: not of the kind that the profile accepts */
    LCAP_SKIP_REASONS
};

/* "no IP", …: for people. */
LCAP_API const char *lcap_skip_text(enum lcap_skip reason);

/* "LLDP", … for people; NULL if there is no name here for this Ethernet type. */
LCAP_API const char *lcap_ether_type_name(uint16_t type);

#ifdef __cplusplus
}
#endif

#endif
