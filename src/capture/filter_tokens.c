/*
 * Splits a filter into tokens. Where libpcap's scanner would take a longer run as
 * an (invalid) address, this one takes a shorter one, so it can only see more words
 * than libpcap, never fewer.
 */
#include "capture/filter_tokens.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define DIGITS     "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Length of a run of at most `most` hexadecimal digits. */
static size_t hex_run(const char *text, size_t most)
{
    size_t len = strspn(text, HEX_DIGITS);
    return len < most ? len : most;
}

/* Six groups of one or two digits separated by colons; 0 if there is none. */
static size_t colon_mac_length(const char *text)
{
    size_t len = 0;
    for (int group = 0; group < 6; group++) {
        if (group > 0 && text[len++] != ':')
            return 0;
        size_t digits = hex_run(text + len, 2);
        if (digits == 0)
            return 0;
        len += digits;
    }
    return len;
}

/* The length of the longest IPv6 address that begins here; 0 if there is none. */
static size_t ipv6_length(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr bytes;
    size_t len = strspn(text, HEX_DIGITS ":.");
    if (!memchr(text, ':', len))
        return 0;
    if (len >= sizeof address)
        len = sizeof address - 1;
    for (; len > 1; len--) {
        memcpy(address, text, len);
        address[len] = '\0';
        if (inet_pton(AF_INET6, address, &bytes) == 1)
            return len;
    }
    return 0;
}

/* Names may contain '-' and '_', but not end in them. */
static size_t word_length(const char *text)
{
    if (!*text || !strchr(DIGITS LETTERS, *text))
        return 0;
    size_t len = strspn(text, DIGITS LETTERS "-_.");
    while (text[len - 1] == '-' || text[len - 1] == '_')
        len--;
    return len;
}

static bool is_number(const char *text, size_t len)
{
    if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return strspn(text + 2, HEX_DIGITS) >= len - 2;
    return len > 0 && strspn(text, DIGITS) >= len;
}

/* `count` groups of `least` to `most` hexadecimal digits separated by `between`. */
static bool is_hex_groups(const char *text, size_t len, char between, int count, size_t least,
                          size_t most)
{
    const char *end = text + len;
    for (int group = 0; group < count; group++) {
        if (group > 0 && (text == end || *text++ != between))
            return false;
        size_t digits = hex_run(text, most);
        if (digits < least || digits > (size_t)(end - text))
            return false;
        text += digits;
    }
    return text == end;
}

/* Two to four numbers separated by dots: an IPv4 address or the beginning of one. */
static bool is_dotted_numbers(const char *text, size_t len)
{
    const char *end = text + len;
    int numbers = 0;
    for (;; text++) {
        const char *dot = memchr(text, '.', (size_t)(end - text));
        if (!is_number(text, (size_t)((dot ? dot : end) - text)))
            return false;
        numbers++;
        if (!dot)
            return numbers >= 2 && numbers <= 4;
        text = dot;
    }
}

static bool is_literal(const char *text, size_t len)
{
    return is_number(text, len) || is_dotted_numbers(text, len) ||
           is_hex_groups(text, len, '-', 6, 1, 2) || is_hex_groups(text, len, '.', 6, 1, 2) ||
           is_hex_groups(text, len, '.', 3, 4, 4) || is_hex_groups(text, len, 0, 1, 12, 12);
}

/* A literal that is not a word: with colons, or an ARCnet address ($ and a byte). */
static size_t other_literal_length(const char *text)
{
    if (*text == '$')
        return hex_run(text + 1, 2) ? 1 + hex_run(text + 1, 2) : 0;
    size_t mac = colon_mac_length(text), ipv6 = ipv6_length(text);
    return mac > ipv6 ? mac : ipv6;
}

struct filter_token filter_token_at(const char *text)
{
    struct filter_token token = {.text = text + strspn(text, " \r\n\t")};
    if (!*token.text)
        return token;
    if (*token.text == '\\') {
        token.len = 1 + strcspn(token.text + 1, " !()\n\t");
        token.kind = token.len > 1 ? FILTER_ESCAPED : FILTER_SYMBOL;
        return token;
    }
    size_t word = word_length(token.text), literal = other_literal_length(token.text);
    token.len = word > literal ? word : literal;
    if (token.len == 0) {
        token.len = 1;
        token.kind = FILTER_SYMBOL;
    } else if (literal >= word || is_literal(token.text, word)) {
        token.kind = FILTER_LITERAL;
    } else {
        token.kind = FILTER_WORD;
    }
    return token;
}
