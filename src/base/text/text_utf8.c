/* UTF-8 (RFC 3629), text made UTF-8, and text made safe for terminals and for file names. */
#include "base/text/text.h"

#include "base/bytes.h"
#include "base/text/text_columns.h"
#include <string.h>
#include <strings.h>

/*
 * The length of the character at text[0..left), its code point in *code; 0 if no
 * well-formed character begins there. The ranges of the second byte exclude
 * overlong forms, surrogates and code points above U+10FFFF (RFC 3629, section 4).
 */
static size_t utf8_decode(const uint8_t *text, size_t left, uint32_t *code)
{
    uint8_t first = text[0];
    *code = first;
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    size_t len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (left < len)
        return 0;
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high)
        return 0;
    *code = first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3F);
    }
    return len;
}

/* Whether the next 16 bytes are there, and in ASCII. */
static bool ascii_follows(const char *text, size_t left)
{
    return left >= sizeof(bytes16) && !any_bytes16(load_bytes16(text) & 0x80);
}

size_t text_utf8_valid_length(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code;
        if (ascii_follows(text + at, len - at)) {
            at += sizeof(bytes16);
            continue;
        }
        size_t step = utf8_decode((const uint8_t *)text + at, len - at, &code);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

int text_append_utf8(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t at = 0; at < len && rc == LCAP_OK; at++) {
        size_t good = text_utf8_valid_length(text + at, len - at);
        rc = buffer_append(out, text + at, good, error);
        at += good;
        if (at < len && rc == LCAP_OK)
            rc = buffer_append_text(out, "\xEF\xBF\xBD", error); /* U+FFFD */
    }
    return rc;
}

int text_append_utf32(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    int rc = buffer_reserve(out, len * sizeof(uint32_t), error);
    for (size_t at = 0; at < len && rc == LCAP_OK;) {
        uint32_t code;
        const size_t step = utf8_decode((const uint8_t *)text + at, len - at, &code);
        store32(out->data + out->len, step > 0 ? code : 0xFFFD, false);
        out->len += sizeof code;
        at += step > 0 ? step : 1;
    }
    return rc;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

/* Unicode property Bidi_Control: these make text look different from what it is. */
static bool is_bidi_control(uint32_t code)
{
    return code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

/* The longest escape is for a character of three bytes: \xe2\x80\xae. */
#define ESCAPE_MAX 12

static size_t escape_byte(uint8_t byte, char *out)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(out, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 0xF]}, 4);
    return 4;
}

/*
 * Writes the character at text[0..left) so that it is safe on a terminal; its
 * length goes to *out_len. Returns the number of bytes of the text that were used.
 */
static size_t escape_character(const uint8_t *text, size_t left, char out[ESCAPE_MAX],
                               size_t *out_len)
{
    static const char named[] = "\\\\\nn\tt\rr";
    uint32_t code;
    size_t len = utf8_decode(text, left, &code);
    size_t step = len > 0 ? len : 1;
    *out_len = 0;
    for (size_t i = 0; named[i] != '\0'; i += 2) {
        if (text[0] == (uint8_t)named[i]) {
            memcpy(out, (char[]){'\\', named[i + 1]}, 2);
            *out_len = 2;
            return step;
        }
    }
    if (len > 0 && !is_control(code) && !is_bidi_control(code)) {
        memcpy(out, text, len);
        *out_len = len;
        return step;
    }
    for (size_t i = 0; i < step; i++)
        *out_len += escape_byte(text[i], out + *out_len);
    return step;
}

/* The bytes at the start of text that are ASCII and need no escape, as nearly all are. */
static size_t plain_length(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] >= ' ' && text[at] <= '~' && text[at] != '\\')
        at++;
    return at;
}

int text_append_escaped_to(struct buffer *out, const char *text, size_t len, size_t width,
                           struct lcap_error *error)
{
    size_t used = 0;
    int rc = LCAP_OK;
    for (size_t at = 0, step; at < len && used <= width && rc == LCAP_OK; at += step) {
        const size_t left = len - at, room = width - used;
        char escaped[ESCAPE_MAX];
        size_t escaped_len;
        step = plain_length(text + at, left > room ? room + 1 : left);
        if (step > 0) {
            rc = buffer_append(out, text + at, step, error);
            used += step;
            continue;
        }
        step = escape_character((const uint8_t *)text + at, left, escaped, &escaped_len);
        rc = buffer_append(out, escaped, escaped_len, error);
        used += text_width(escaped, escaped_len);
    }
    return rc;
}

int text_append_escaped(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    return text_append_escaped_to(out, text, len, SIZE_MAX, error);
}

int text_append_message(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t at = 0; at < len && rc == LCAP_OK;) {
        const char *backslash = memchr(text + at, '\\', len - at);
        const size_t part = backslash ? (size_t)(backslash - text) - at : len - at;
        rc = text_append_escaped(out, text + at, part, error);
        at += part;
        if (rc == LCAP_OK && backslash) {
            rc = buffer_append(out, "\\", 1, error);
            at++;
        }
    }
    return rc;
}

void text_excerpt(const char *text, size_t len, char out[EXCERPT_TEXT])
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        char escaped[ESCAPE_MAX];
        size_t escaped_len;
        at += escape_character((const uint8_t *)text + at, len - at, escaped, &escaped_len);
        if (used + escaped_len + sizeof "..." > EXCERPT_TEXT) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, escaped, escaped_len);
        used += escaped_len;
    }
    out[used] = '\0';
}

/*
 * Allowed in a name: letters, digits, and the other ASCII characters that have no
 * meaning to a shell or to Windows (\ : * ? " < > |).
 */
static bool is_safe_in_name(uint32_t code)
{
    if (code >= 0x80)
        return !is_control(code) && !is_bidi_control(code);
    return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
           (code >= 'a' && code <= 'z') || (code != 0 && strchr("-_.,+=@%", (int)code));
}

int text_append_lower(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    int rc = buffer_reserve(out, len, error);
    for (size_t i = 0; i < len && rc == 0; i++)
        out->data[out->len++] =
            (uint8_t)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    return rc;
}

/* https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
bool text_is_device_name(const char *text, size_t len)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    const char *dot = memchr(text, '.', len);
    if (dot)
        len = (size_t)(dot - text);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (len == 3 && strncasecmp(text, devices[i], 3) == 0)
            return true;
    return len == 4 && (strncasecmp(text, "com", 3) == 0 || strncasecmp(text, "lpt", 3) == 0) &&
           text[3] >= '1' && text[3] <= '9';
}

int text_append_file_name(struct buffer *out, const char *text, size_t len, size_t max,
                          struct lcap_error *error)
{
    size_t limit = out->len + max;
    int rc = LCAP_OK;
    for (size_t at = 0, step; at < len && rc == 0; at += step) {
        const uint8_t *bytes = (const uint8_t *)text + at;
        uint32_t code;
        step = utf8_decode(bytes, len - at, &code);
        bool safe = step > 0 && is_safe_in_name(code);
        if (step == 0)
            step = 1;
        if (out->len + (safe ? step : 1) > limit)
            break;
        rc = safe ? buffer_append(out, bytes, step, error) : buffer_append(out, "_", 1, error);
    }
    return rc;
}
