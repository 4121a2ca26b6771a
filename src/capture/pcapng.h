/*
 * The numbers of pcapng (draft-ietf-opsawg-pcapng, sections 3 and 4), shared
 * by its reader and its encoder.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include <stdint.h>

enum {
    PCAPNG_SECTION_HEADER = 0x0A0D0D0A,
    PCAPNG_INTERFACE = 1,
    PCAPNG_PACKET = 2, /* obsolete, appendix A */
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_NAMES = 4,
    PCAPNG_STATISTICS = 5,
    PCAPNG_ENHANCED_PACKET = 6,
    PCAPNG_JOURNAL = 9, /* systemd journal export */
    PCAPNG_SECRETS = 10,
    PCAPNG_CUSTOM = 0x0BAD,
};
#define PCAPNG_CUSTOM_NOCOPY 0x40000BADu
#define PCAPNG_PROCESS       0x80000001u /* Apple's process event; packets name it by number */
#define PCAPNG_BYTE_ORDER    0x1A2B3C4Du

/* Options of every block. */
enum {
    OPT_END = 0,
    OPT_COMMENT = 1,
    OPT_CUSTOM_TEXT = 2988,
    OPT_CUSTOM_BYTES = 2989,
    OPT_CUSTOM_TEXT_NOCOPY = 19372,
    OPT_CUSTOM_BYTES_NOCOPY = 19373,
};

/* Interface options. */
enum {
    OPT_IF_NAME = 2,
    OPT_IF_TSRESOL = 9,
    OPT_IF_FCSLEN = 13,
    OPT_IF_TSOFFSET = 14,
    OPT_IF_TSOFFSET_NS = 19,
};

/* Options of interface statistics. */
enum { OPT_ISB_STARTTIME = 2, OPT_ISB_ENDTIME = 3 };

/* Packet options. */
enum { OPT_EPB_FLAGS = 2, OPT_EPB_HASH = 3, OPT_EPB_DROPCOUNT = 4 };

/* Apple's: numbers of process blocks of the section, from 0: the process, and for which it acts. */
enum { OPT_PROCESS = 0x8001, OPT_EFFECTIVE_PROCESS = 0x8003 };

/* Lengths of the fixed parts of bodies. */
enum {
    PCAPNG_BLOCK_OVERHEAD = 12, /* type, length, length again */
    PCAPNG_BEFORE_BODY = 8,     /* of it: type, length */
    PCAPNG_INTERFACE_FIXED = 8,
    PCAPNG_ENHANCED_FIXED = 20,
    PCAPNG_PACKET_FIXED = 20,
    PCAPNG_SIMPLE_FIXED = 4,
    PCAPNG_STATISTICS_FIXED = 12,
    PCAPNG_SECTION_FIXED = 16,
};

/* Where the snap length of an interface block is, from the start of the block. */
#define PCAPNG_AT_SNAPLEN 12

/*
 * The longest block that is written and read: room for the longest packet, the
 * fixed parts, and two options of maximum length. Needs <labelcap/capture.h>.
 */
#define PCAPNG_MAX_BLOCK (LCAP_MAX_BLOCK + (128u << 10))

#define TSRESOL_MICROSECONDS 6
#define TSRESOL_NANOSECONDS  9

#endif
