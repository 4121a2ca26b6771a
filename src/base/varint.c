/* Reads and writes short numbers. */
#include "base/varint.h"

int varint_append(struct buffer *out, uint64_t number, struct lcap_error *error)
{
    uint8_t bytes[10];
    size_t len = 0;
    for (; number > 0x7F; number >>= 7)
        bytes[len++] = (uint8_t)(number & 0x7F) | 0x80;
    bytes[len++] = (uint8_t)number;
    return buffer_append(out, bytes, len, error);
}

bool varint_take(struct cursor *in, uint64_t *number)
{
    uint8_t byte = 0x80;
    *number = 0;
    for (unsigned shift = 0; shift < 64 && (byte & 0x80); shift += 7) {
        if (!cursor_take8(in, &byte))
            return false;
        *number |= (uint64_t)(byte & 0x7F) << shift;
    }
    return !(byte & 0x80);
}
