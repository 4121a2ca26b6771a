/* Reads and writes short numbers. */
#include "base/varint.h"

#include <string.h>

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

int varint_append_text(struct buffer *out, const char *text, struct lcap_error *error)
{
    const size_t size = text ? strlen(text) + 1 : 0;
    const int rc = varint_append(out, size, error);
    return rc == LCAP_OK && size > 0 ? buffer_append(out, text, size, error) : rc;
}

bool varint_take_text(struct cursor *in, const char **text)
{
    uint64_t size;
    *text = NULL;
    if (!varint_take(in, &size) || size > in->left)
        return false;
    if (size == 0)
        return true;
    *text = (const char *)cursor_take(in, (size_t)size);
    return memchr(*text, '\0', (size_t)size) == *text + size - 1;
}
