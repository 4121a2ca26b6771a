/*
 * Reading and writing numbers in either byte order, and a cursor that never reads
 * past its end. No struct is ever laid over the bytes of a file.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_BIG_ENDIAN true
#else
#define HOST_BIG_ENDIAN false
#endif

static inline uint16_t load16(const uint8_t *p, bool big)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return big == HOST_BIG_ENDIAN ? v : __builtin_bswap16(v);
}

static inline uint32_t load32(const uint8_t *p, bool big)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return big == HOST_BIG_ENDIAN ? v : __builtin_bswap32(v);
}

static inline uint64_t load64(const uint8_t *p, bool big)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return big == HOST_BIG_ENDIAN ? v : __builtin_bswap64(v);
}

static inline void store16(uint8_t *p, uint16_t v, bool big)
{
    v = big == HOST_BIG_ENDIAN ? v : __builtin_bswap16(v);
    memcpy(p, &v, sizeof v);
}

static inline void store32(uint8_t *p, uint32_t v, bool big)
{
    v = big == HOST_BIG_ENDIAN ? v : __builtin_bswap32(v);
    memcpy(p, &v, sizeof v);
}

static inline void store64(uint8_t *p, uint64_t v, bool big)
{
    v = big == HOST_BIG_ENDIAN ? v : __builtin_bswap64(v);
    memcpy(p, &v, sizeof v);
}

/* Eight bytes at a time. */
#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (uint64_t)(b))

/* Marks each byte that is 0 by its high bit; bytes above the lowest such may be marked wrongly. */
static inline uint64_t zero_bytes(uint64_t word)
{
    return (word - EVERY_BYTE(1)) & ~word & EVERY_BYTE(0x80);
}

/* Sixteen bytes at a time: any processor has such a vector, or the compiler makes one. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 load_bytes16(const void *p)
{
    bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_bytes16(void *p, bytes16 v)
{
    memcpy(p, &v, sizeof v);
}

static inline bool any_bytes16(bytes16 v)
{
    uint64_t halves[2];
    memcpy(halves, &v, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* Rounded up to the 32-bit boundary that pcapng pads to. */
static inline size_t pad4(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

/* The rest of a run of bytes, in one byte order. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool big;
};

/* Takes `len` bytes; NULL if fewer are left (the cursor then stays). */
static inline const uint8_t *cursor_take(struct cursor *c, size_t len)
{
    if (len > c->left)
        return NULL;
    const uint8_t *at = c->at;
    c->at += len;
    c->left -= len;
    return at;
}

static inline bool cursor_take8(struct cursor *c, uint8_t *v)
{
    const uint8_t *p = cursor_take(c, 1);
    if (p)
        *v = *p;
    return p != NULL;
}

static inline bool cursor_take32(struct cursor *c, uint32_t *v)
{
    const uint8_t *p = cursor_take(c, 4);
    if (p)
        *v = load32(p, c->big);
    return p != NULL;
}

static inline bool cursor_take64(struct cursor *c, uint64_t *v)
{
    const uint8_t *p = cursor_take(c, 8);
    if (p)
        *v = load64(p, c->big);
    return p != NULL;
}

static inline bool cursor_take16(struct cursor *c, uint16_t *v)
{
    const uint8_t *p = cursor_take(c, 2);
    if (p)
        *v = load16(p, c->big);
    return p != NULL;
}

#endif
