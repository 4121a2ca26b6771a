/* Bytes written as hexadecimal digits. */
#ifndef TESTS_HEX_BYTES_H
#define TESTS_HEX_BYTES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Bytes in memory of exactly their size, so that sanitizers see a read past the end. */
struct bytes {
    uint8_t *data;
    uint32_t len;
};

static inline unsigned hex_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Spaces between digits mean nothing. */
static inline struct bytes from_hex(const char *hex)
{
    struct bytes bytes = {malloc(strlen(hex) / 2 + 1), 0};
    assert_non_null(bytes.data);
    unsigned digits = 0, value = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        value = value << 4 | hex_value(*hex);
        if (++digits % 2 == 0)
            bytes.data[bytes.len++] = (uint8_t)value;
    }
    assert_int_equal(digits % 2, 0);
    bytes.data = realloc(bytes.data, bytes.len ? bytes.len : 1);
    assert_non_null(bytes.data);
    return bytes;
}

#endif
