/* Snap lengths: the maximum number of bytes kept of a packet; 0 means no limit. */
#ifndef CAPTURE_SNAPLEN_H
#define CAPTURE_SNAPLEN_H

#include <stdint.h>

/* The largest that libpcap captures and reads (MAXIMUM_SNAPLEN). */
#define SNAPLEN_MOST 262144

/* The bytes kept of a packet of `len` bytes. */
static inline uint32_t snaplen_cut(uint32_t snaplen, uint32_t len)
{
    return snaplen != 0 && snaplen < len ? snaplen : len;
}

/* The lower of two. */
static inline uint32_t snaplen_lower(uint32_t a, uint32_t b)
{
    return a == 0 ? b : snaplen_cut(b, a);
}

#endif
