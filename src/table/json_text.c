/* JSON strings, eight bytes per step if nothing needs escaping; numbers as in pandas. */
#include "table/json_text.h"

#include "base/bytes.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "table/table_internal.h"
#include <math.h>
#include <string.h>

/*
 * Whether one of eight bytes is a control character, a quote, a backslash, a
 * slash, or not ASCII.
 */
static bool has_special(uint64_t word)
{
    uint64_t below_space = (word - EVERY_BYTE(0x20)) & ~word & EVERY_BYTE(0x80);
    return (below_space | zero_bytes(word ^ EVERY_BYTE('"')) | zero_bytes(word ^ EVERY_BYTE('\\')) |
            zero_bytes(word ^ EVERY_BYTE('/')) | (word & EVERY_BYTE(0x80))) != 0;
}

/*
 * Whether the text has no special characters, like most keys and values. The
 * last step may overlap.
 */
static bool is_all_plain(const char *text, size_t len)
{
    uint64_t word = EVERY_BYTE(' ');
    if (len == 0)
        return true;
    if (len < sizeof word) {
        memcpy(&word, text, len);
        return !has_special(word);
    }
    for (size_t at = 0; at + sizeof word < len; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (has_special(word))
            return false;
    }
    memcpy(&word, text + len - sizeof word, sizeof word);
    return !has_special(word);
}

static bool is_plain(uint8_t byte, bool pandas)
{
    if (byte == '"' || byte == '\\' || byte < 0x20)
        return false;
    return !pandas || (byte < 0x80 && byte != '/');
}

/* How many bytes at the front of this UTF-8 text need no escape. */
static size_t plain_length(const char *text, size_t len, bool pandas)
{
    size_t at = 0;
    while (at < len && is_plain((uint8_t)text[at], pandas))
        at++;
    return at;
}

static void put_unit(struct buffer *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    table_put(out,
              (char[]){'\\', 'u', digits[unit >> 12 & 0xF], digits[unit >> 8 & 0xF],
                       digits[unit >> 4 & 0xF], digits[unit & 0xF]},
              6);
}

/* UTF-16, as in RFC 8259 section 7: above U+FFFF a pair of surrogates. */
static void put_code_point(struct buffer *out, uint32_t code)
{
    if (code < 0x10000) {
        put_unit(out, code);
    } else {
        put_unit(out, 0xD800 + ((code - 0x10000) >> 10));
        put_unit(out, 0xDC00 + (code & 0x3FF));
    }
}

/* The length of the first character of valid UTF-8; its code point in *code. */
static size_t decode(const uint8_t *text, uint32_t *code)
{
    size_t len = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
    *code = len == 1 ? text[0] : text[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
        *code = *code << 6 | (text[i] & 0x3F);
    return len;
}

/* Escapes the character at `text`, valid UTF-8; returns its length. */
static size_t put_escape(struct buffer *out, const char *text)
{
    static const char named[] = "\"\"\\\\//\bb\ff\nn\rr\tt";
    for (size_t i = 0; named[i] != '\0'; i += 2) {
        if (*text == named[i]) {
            table_put(out, (char[]){'\\', named[i + 1]}, 2);
            return 1;
        }
    }
    uint32_t code;
    size_t len = decode((const uint8_t *)text, &code);
    put_code_point(out, code);
    return len;
}

static void put_replacement(struct buffer *out, bool pandas)
{
    if (pandas)
        put_unit(out, 0xFFFD);
    else
        table_put(out, "\xEF\xBF\xBD", 3);
}

/* The longest escape, a pair of surrogates, and the closing quote. */
#define ESCAPE_ROOM 13

static int append_escaped(struct buffer *out, const char *text, size_t len, bool pandas,
                          struct lcap_error *error)
{
    int rc = table_room(out, ESCAPE_ROOM, error);
    if (rc < 0)
        return rc;
    table_put_byte(out, '"');
    size_t valid_end = text_utf8_valid_length(text, len);
    for (size_t at = 0; at < len;) {
        size_t plain = plain_length(text + at, valid_end - at, pandas);
        if ((rc = table_room(out, plain + ESCAPE_ROOM, error)) < 0)
            return rc;
        table_put(out, text + at, plain);
        at += plain;
        if (at < valid_end) {
            at += put_escape(out, text + at);
        } else if (at < len) {
            put_replacement(out, pandas);
            at++;
            valid_end = at + text_utf8_valid_length(text + at, len - at);
        }
    }
    table_put_byte(out, '"');
    return LCAP_OK;
}

int json_text_append(struct buffer *out, const char *text, size_t len, bool pandas,
                     struct lcap_error *error)
{
    if (!is_all_plain(text, len))
        return append_escaped(out, text, len, pandas, error);
    int rc = table_room(out, len + 2, error);
    if (rc < 0)
        return rc;
    table_put_byte(out, '"');
    table_put(out, text, len);
    table_put_byte(out, '"');
    return LCAP_OK;
}

#define DECIMALS       10
#define DECIMALS_SCALE 10000000000 /* 10^DECIMALS */

/* The decimals after a point, without trailing zeros except in ".0". */
static size_t put_decimals(uint64_t decimals, char *out)
{
    size_t len = DECIMALS;
    while (len > 1 && decimals % 10 == 0) {
        decimals /= 10;
        len--;
    }
    out[0] = '.';
    for (size_t i = len; i > 0; i--, decimals /= 10)
        out[i] = (char)('0' + decimals % 10);
    return len + 1;
}

/*
 * pandas scales the fraction as a double and rounds that: up if it is above one
 * half, and at one half if the last digit is odd or all digits are zeros. The
 * result is not the decimal value nearest to the double, so it has to be computed
 * in the same way. From 1e16, and below 1e-15, it has ten significant digits.
 */
size_t json_pandas_real(double value, char *out)
{
    static const struct number_format ten_digits = {.conversion = 'g', .precision = 10};
    double size = fabs(value);
    if (size > 1e16 || (size != 0 && size < 1e-15))
        return number_in_format(value, ten_digits, out);
    uint64_t whole = (uint64_t)size;
    double scaled = (size - (double)whole) * (double)DECIMALS_SCALE;
    uint64_t decimals = (uint64_t)scaled;
    double rest = scaled - (double)decimals;
    if (rest > 0.5 || (rest == 0.5 && (decimals == 0 || decimals % 2 == 1)))
        decimals++;
    if (decimals >= DECIMALS_SCALE) {
        decimals = 0;
        whole++;
    }
    size_t len = 0;
    if (value < 0)
        out[len++] = '-';
    len += number_from_unsigned(whole, out + len);
    return len + put_decimals(decimals, out + len);
}
