/* Bytes of captures put together by hand, for tests: numbers in a chosen byte order. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include "base/bytes.h"
#include <assert.h>

struct wire {
    bool big;
    size_t len;
    size_t block; /* where the block at hand begins */
    uint8_t data[8192];
};

static inline void wire_raw(struct wire *w, const void *bytes, size_t len)
{
    assert(len <= sizeof w->data - w->len);
    if (len > 0)
        memcpy(w->data + w->len, bytes, len);
    w->len += len;
}

/* With padding. */
static inline void wire_bytes(struct wire *w, const void *bytes, size_t len)
{
    wire_raw(w, bytes, len);
    wire_raw(w, "\0\0\0", pad4(len) - len);
}

static inline void wire16(struct wire *w, uint16_t value)
{
    uint8_t bytes[2];
    store16(bytes, value, w->big);
    wire_raw(w, bytes, sizeof bytes);
}

static inline void wire32(struct wire *w, uint32_t value)
{
    uint8_t bytes[4];
    store32(bytes, value, w->big);
    wire_raw(w, bytes, sizeof bytes);
}

static inline void wire64(struct wire *w, uint64_t value)
{
    uint8_t bytes[8];
    store64(bytes, value, w->big);
    wire_raw(w, bytes, sizeof bytes);
}

/* Code, length, value, padding. */
static inline void wire_option(struct wire *w, uint16_t code, const void *value, size_t len)
{
    wire16(w, code);
    wire16(w, (uint16_t)len);
    wire_bytes(w, value, len);
}

static inline void wire_option32(struct wire *w, uint16_t code, uint32_t value)
{
    wire16(w, code);
    wire16(w, 4);
    wire32(w, value);
}

static inline void wire_option64(struct wire *w, uint16_t code, uint64_t value)
{
    wire16(w, code);
    wire16(w, 8);
    wire64(w, value);
}

#endif
