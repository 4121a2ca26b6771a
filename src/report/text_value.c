/* Values formatted for people. */
#include "report/text_value.h"

#include "base/number/number.h"
#include "base/text/text.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The fraction loses zeros at its end in groups of three: few clocks count nanoseconds. */
static int append_time(struct buffer *out, int64_t ns, struct lcap_error *error)
{
    char text[TIME_TEXT];
    text_from_time(ns, text);
    const char *point = strchr(text, '.');
    int digits = 9;
    while (digits > 0 && memcmp(point + digits - 2, "000", 3) == 0)
        digits -= 3;
    const int len = (int)(point - text) + (digits > 0 ? digits + 1 : 0);
    return buffer_printf(out, error, "%.*sZ", len, text);
}

/* `scaled` parts, of which a whole has `scale` and `decimals` digits. */
static int append_decimal(struct buffer *out, uint64_t scaled, uint64_t scale, int decimals,
                          struct lcap_error *error)
{
    char whole[GROUPED_TEXT];
    return buffer_printf(out, error, "%s.%0*" PRIu64, text_grouped(scaled / scale, whole), decimals,
                         scaled % scale);
}

int text_value_append(struct buffer *out, const struct result_value *value,
                      struct lcap_error *error)
{
    char text[GROUPED_TEXT];
    switch (value->kind) {
    case RESULT_NOTHING:
        return buffer_append_text(out, "none", error);
    case RESULT_TRUTH:
        return buffer_append_text(out, value->as.u ? "yes" : "no", error);
    case RESULT_COUNT:
        return buffer_append_text(out, text_grouped(value->as.u, text), error);
    case RESULT_REAL:
        return append_decimal(out, (uint64_t)llrint(10 * value->as.real), 10, 1, error);
    case RESULT_SHARE:
        return append_decimal(out, (uint64_t)llrint(1000 * value->as.real), 10, 1, error);
    case RESULT_NUMBER:
    case RESULT_SAMPLE_ID:
        return buffer_append(out, text, number_from_unsigned(value->as.u, text), error);
    case RESULT_SIGNED:
        return buffer_append(out, text, number_from_signed(value->as.i, text), error);
    case RESULT_TIME:
        return append_time(out, value->as.i, error);
    case RESULT_DURATION:
        return append_decimal(out, value->as.u / 1000 + (value->as.u % 1000 >= 500), 1000000, 6,
                              error);
    case RESULT_TEXT:
        return text_append_escaped(out, value->as.text, value->text_len, error);
    }
    return LCAP_OK;
}

const char *text_value_unit(enum result_kind kind)
{
    return kind == RESULT_DURATION ? "s" : kind == RESULT_SHARE ? "%" : "";
}
