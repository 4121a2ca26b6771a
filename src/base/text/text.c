/* Numbers in text, and its ending. */
#include "base/text/text.h"

#include "base/bytes.h"
#include "base/number/number.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Eight digits at once: pairs of them, then pairs of pairs. */
static bool take_eight_digits(const char *text, uint64_t *sum)
{
    uint64_t digits = load64((const uint8_t *)text, false) - EVERY_BYTE('0');
    if ((digits | (digits + EVERY_BYTE(128 - 10))) & EVERY_BYTE(0x80))
        return false;
    digits = digits * 10 + (digits >> 8);
    const uint64_t outer = digits & UINT64_C(0x000000FF000000FF);
    const uint64_t inner = digits >> 16 & UINT64_C(0x000000FF000000FF);
    digits =
        (outer * (100 + (UINT64_C(1000000) << 32)) + inner * (1 + (UINT64_C(10000) << 32))) >> 32;
    *sum = *sum * 100000000 + digits;
    return true;
}

size_t text_leading_u64(const char *text, size_t len, uint64_t *value, bool *fits)
{
    enum { NEVER_TOO_MANY = 19 }; /* digits: 10^19 - 1 is below 2^64 */
    const size_t unchecked = len < NEVER_TOO_MANY ? len : NEVER_TOO_MANY;
    uint64_t sum = 0;
    unsigned digit = 0;
    size_t i = 0;
    *fits = true;
    while (i + 8 <= unchecked && take_eight_digits(text + i, &sum))
        i += 8;
    for (; i < unchecked && (digit = (unsigned)text[i] - '0') < 10; i++)
        sum = 10 * sum + digit;
    for (; i < len && (digit = (unsigned)text[i] - '0') < 10; i++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, digit, &sum))
            *fits = false;
    *value = sum;
    return i;
}

bool text_to_u64(const char *text, size_t len, uint64_t *value)
{
    uint64_t sum;
    bool fits;
    if (len == 0 || text_leading_u64(text, len, &sum, &fits) < len || !fits)
        return false;
    *value = sum;
    return true;
}

bool text_ends_in(const char *text, size_t len, const char *ending)
{
    const size_t ending_len = strlen(ending);
    return len > ending_len && memcmp(text + len - ending_len, ending, ending_len) == 0;
}

/* The exponent of two for a unit ("", "k", "MB", "GiB", …), or -1. */
static int unit_shift(const char *unit)
{
    static const char letters[] = "kmgt";
    if (*unit == '\0' || strcasecmp(unit, "b") == 0)
        return 0;
    const char *letter = strchr(letters, *unit | 0x20);
    if (!letter)
        return -1;
    const char *rest = unit + 1;
    if (*rest != '\0' && strcasecmp(rest, "b") != 0 && strcasecmp(rest, "ib") != 0)
        return -1;
    return 10 * (int)(letter - letters + 1);
}

int text_to_size(const char *text, uint64_t *bytes, struct lcap_error *error)
{
    size_t digits = strspn(text, "0123456789");
    int shift = unit_shift(text + digits);
    if (digits == 0 || shift < 0)
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            "\"%s\" is not a size; expected a number of bytes, such as 4096, 512M or 1GiB", text);
    uint64_t number;
    if (!text_to_u64(text, digits, &number) || number > UINT64_MAX >> shift)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "size \"%s\" is over 2^64 bytes", text);
    *bytes = number << shift;
    return LCAP_OK;
}

const char *text_grouped(uint64_t value, char out[GROUPED_TEXT])
{
    char digits[U64_TEXT];
    size_t len = number_from_unsigned(value, digits);
    char *at = out;
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

const char *text_counted(uint64_t value, const char *noun, char out[COUNTED_TEXT])
{
    char number[GROUPED_TEXT];
    snprintf(out, COUNTED_TEXT, "%s %s%s", text_grouped(value, number), noun,
             value == 1 ? "" : "s");
    return out;
}
