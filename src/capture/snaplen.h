/* Snap lengths: how many bytes of a packet are kept at most; 0 is no limit. */
#ifndef CAPTURE_SNAPLEN_H
#define CAPTURE_SNAPLEN_H

#include <stdint.h>

/* What is kept of a packet of `len` bytes. */
static inline uint32_t snaplen_cut(uint32_t snaplen, uint32_t len)
{
    return snaplen != 0 && snaplen < len ? snaplen : len;
}

/* The lower one of two. */
static inline uint32_t snaplen_lower(uint32_t a, uint32_t b)
{
    return a == 0 ? b : snaplen_cut(b, a);
}

#endif
