/* Numbers of any size as few bytes: seven bits each, the lowest first; the top bit says that
 * there are more. */
#ifndef BASE_VARINT_H
#define BASE_VARINT_H

#include "base/buffer.h"
#include "base/bytes.h"

int varint_append(struct buffer *out, uint64_t number, struct lcap_error *error);

/* False if the bytes end before the number, or it has more than 64 bits. */
bool varint_take(struct cursor *in, uint64_t *number);

/* A text with its zero, behind the number of its bytes. NULL has none, not even a zero. */
int varint_append_text(struct buffer *out, const char *text, struct lcap_error *error);

/* Sets *text to a view, or to NULL. False if the bytes end before its zero, or another one stands
 * in it. */
bool varint_take_text(struct cursor *in, const char **text);

/* Steps of either sign, such that short ones become small numbers. */
static inline uint64_t varint_of_step(uint64_t step)
{
    return step << 1 ^ (0 - (step >> 63));
}

static inline uint64_t varint_to_step(uint64_t number)
{
    return number >> 1 ^ (0 - (number & 1));
}

#endif
