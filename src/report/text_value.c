/* Values formatted for people. */
#include "report/text_value.h"

#include "base/number/number.h"
#include "base/text/text.h"

static int append_duration(struct buffer *out, uint64_t ns, struct lcap_error *error)
{
    return buffer_printf(out, error, "%.6f", (double)ns / NS_PER_SECOND);
}

int text_value_append(struct buffer *out, const struct result_value *value,
                      struct lcap_error *error)
{
    char text[TIME_TEXT];
    switch (value->kind) {
    case RESULT_NOTHING:
        return buffer_append_text(out, "none", error);
    case RESULT_TRUTH:
        return buffer_append_text(out, value->as.u ? "yes" : "no", error);
    case RESULT_COUNT:
        return buffer_append_text(out, text_grouped(value->as.u, text), error);
    case RESULT_REAL:
        return buffer_printf(out, error, "%.1f", value->as.real);
    case RESULT_SHARE:
        return buffer_printf(out, error, "%.1f", 100 * value->as.real);
    case RESULT_NUMBER:
    case RESULT_SAMPLE_ID:
        return buffer_append(out, text, number_from_unsigned(value->as.u, text), error);
    case RESULT_SIGNED:
        return buffer_append(out, text, number_from_signed(value->as.i, text), error);
    case RESULT_TIME:
        text_from_time(value->as.i, text);
        return buffer_append_text(out, text, error);
    case RESULT_DURATION:
        return append_duration(out, value->as.u, error);
    case RESULT_TEXT:
        return text_append_escaped(out, value->as.text, value->text_len, error);
    }
    return LCAP_OK;
}

const char *text_value_unit(enum result_kind kind)
{
    return kind == RESULT_DURATION ? "s" : kind == RESULT_SHARE ? "%" : "";
}
