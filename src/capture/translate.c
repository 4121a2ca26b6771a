/* Blocks on their way into another section: converted if the byte orders differ, always checked. */
#include "capture/translate.h"

#include "base/bytes.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include <inttypes.h>

/* The structure of the part of a body before its options. */
enum body_layout {
    BODY_UNKNOWN,
    BODY_SECTION,
    BODY_NAMES,
    BODY_STATISTICS,
    BODY_SECRETS,
    BODY_BYTES, /* no numbers and no options */
};

static enum body_layout layout_of(uint32_t type)
{
    switch (type) {
    case PCAPNG_SECTION_HEADER:
        return BODY_SECTION;
    case PCAPNG_NAMES:
        return BODY_NAMES;
    case PCAPNG_STATISTICS:
        return BODY_STATISTICS;
    case PCAPNG_SECRETS:
        return BODY_SECRETS;
    case PCAPNG_JOURNAL:
        return BODY_BYTES;
    default:
        return BODY_UNKNOWN;
    }
}

static void swap16(uint8_t *at)
{
    store16(at, load16(at, true), false);
}

static void swap32(uint8_t *at)
{
    store32(at, load32(at, true), false);
}

static void swap64(uint8_t *at)
{
    store64(at, load64(at, true), false);
}

static void swap_value(uint8_t *at, enum value_layout value)
{
    switch (value) {
    case VALUE_U32:
    case VALUE_PEN_TEXT:
        swap32(at);
        break;
    case VALUE_U64:
        swap64(at);
        break;
    case VALUE_U32_PAIR:
        swap32(at);
        swap32(at + 4);
        break;
    case VALUE_VERDICT:
        if (pcapng_verdict_is_number(at))
            swap64(at + 1);
        break;
    case VALUE_BYTES:
    case VALUE_UNKNOWN:
        break;
    }
}

static bool is_nocopy(uint16_t code)
{
    return code == OPT_CUSTOM_TEXT_NOCOPY || code == OPT_CUSTOM_BYTES_NOCOPY;
}

static bool is_time_unit(uint16_t code)
{
    return code == OPT_IF_TSRESOL || code == OPT_IF_TSOFFSET || code == OPT_IF_TSOFFSET_NS;
}

/* Padding is not part of a value and has to be zeros. */
static bool padding_is_zero(const struct pcapng_option *option)
{
    for (size_t i = option->len; i < pad4(option->len); i++)
        if (option->value[i] != 0)
            return false;
    return true;
}

static bool is_process(const struct pcapng_option *option)
{
    return (option->code == OPT_PROCESS || option->code == OPT_EFFECTIVE_PROCESS) &&
           option->len == 4;
}

/* Appends one option, converted if the orders differ, or counts it as lost. */
static int put_option(const struct translation *how, const struct pcapng_option *option,
                      uint32_t *seen, struct buffer *out, struct lcap_losses *losses,
                      struct lcap_error *error)
{
    enum { HEADER = 4 }; /* code and length, directly before the value */
    const struct pcapng_option_rule *rule = pcapng_option_rule_of(how->type, option->code);
    bool swaps = how->from_big != how->to_big;
    if (is_nocopy(option->code)) {
        losses->options_nocopy++;
        return LCAP_OK;
    }
    if (!pcapng_option_obeys(rule, option, seen)) {
        losses->options_malformed++;
        return LCAP_OK;
    }
    if (swaps && (!rule || rule->value == VALUE_UNKNOWN)) {
        losses->options_order++;
        return LCAP_OK;
    }
    size_t at = out->len, padded = pad4(option->len);
    int rc = buffer_append(out, option->value - HEADER, HEADER + padded, error);
    if (rc < 0)
        return rc;
    memset(out->data + at + HEADER + option->len, 0, padded - option->len);
    if (swaps) {
        swap16(out->data + at);
        swap16(out->data + at + 2);
        swap_value(out->data + at + HEADER, rule->value);
    }
    if (how->processes > 0 && is_process(option))
        store32(out->data + at + HEADER, load32(option->value, how->from_big) + how->processes,
                how->to_big);
    return LCAP_OK;
}

/* Appends the options that are kept. Returns 1, 0 if one overruns the block, or a code. */
static int put_options(const struct translation *how, struct cursor *c, struct buffer *out,
                       struct lcap_losses *losses, struct lcap_error *error)
{
    struct pcapng_option option;
    unsigned drop_comments = how->drop_comments;
    uint32_t seen = how->seen;
    int more;
    while ((more = pcapng_option_next(c, &option)) == 1) {
        if (drop_comments > 0 && option.code == OPT_COMMENT) {
            drop_comments--;
            continue;
        }
        if (how->drop_time_units && is_time_unit(option.code))
            continue;
        int rc = put_option(how, &option, &seen, out, losses, error);
        if (rc < 0)
            return rc;
    }
    return more == 0;
}

int translate_options(const struct translation *how, const uint8_t *options, size_t len,
                      struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    struct cursor c = {options, len, how->from_big};
    int rc = put_options(how, &c, out, losses, error);
    if (rc == 0)
        return lcap_error_set(
            error, LCAP_ERR_DAMAGED,
            "block of type %" PRIu32
            ": the option at byte %zu runs past the end of the %zu bytes of options",
            how->type, len - c.left, len);
    return rc < 0 ? rc : LCAP_OK;
}

bool translate_is_copy(const struct translation *how, const uint8_t *options, size_t len)
{
    struct cursor c = {options, len, how->from_big};
    struct pcapng_option option;
    uint32_t seen = how->seen;
    int more;
    if (how->from_big != how->to_big || how->drop_comments > 0 || how->drop_time_units ||
        how->processes > 0)
        return false;
    while ((more = pcapng_option_next(&c, &option)) == 1)
        if (is_nocopy(option.code) || !padding_is_zero(&option) ||
            !pcapng_option_obeys(pcapng_option_rule_of(how->type, option.code), &option, &seen))
            return false;
    return more == 0;
}

/* Appends the next `len` bytes. Returns, like the put_ functions below, 1, or 0 if they are
 * missing. */
static int put_bytes(struct cursor *c, size_t len, struct buffer *out, struct lcap_error *error)
{
    const uint8_t *bytes = cursor_take(c, len);
    if (!bytes)
        return 0;
    int rc = buffer_append(out, bytes, len, error);
    return rc < 0 ? rc : 1;
}

/* `count` numbers of 4 bytes. */
static int put_words(struct cursor *c, size_t count, bool swaps, struct buffer *out,
                     struct lcap_error *error)
{
    size_t at = out->len;
    int rc = put_bytes(c, 4 * count, out, error);
    for (size_t i = 0; rc == 1 && swaps && i < count; i++)
        swap32(out->data + at + 4 * i);
    return rc;
}

/* `len` bytes and their padding, which becomes zeros. */
static int put_padded(struct cursor *c, size_t len, struct buffer *out, struct lcap_error *error)
{
    size_t at = out->len;
    int rc = put_bytes(c, pad4(len), out, error);
    if (rc == 1)
        memset(out->data + at + len, 0, pad4(len) - len);
    return rc;
}

/* Section 4.5: an address, then names of at least a character that each end in NUL. */
static bool record_is_sound(uint16_t type, const uint8_t *value, uint16_t len)
{
    enum { IPV4 = 1, IPV6, EUI48, EUI64, NAME = 2 };
    static const uint16_t address[] = {[IPV4] = 4, [IPV6] = 16, [EUI48] = 6, [EUI64] = 8};
    return type < IPV4 || type > EUI64 || (len >= address[type] + NAME && value[len - 1] == '\0');
}

/* Section 4.5: records of type, length and bytes, up to one of type 0, which is added if it is
 * missing. */
static int put_records(struct cursor *c, bool swaps, struct buffer *out, struct lcap_losses *losses,
                       struct lcap_error *error)
{
    enum { RECORD_END = 0, RECORD_HEADER = 4 };
    static const uint8_t end[RECORD_HEADER];
    while (c->left > 0) {
        if (c->left < RECORD_HEADER)
            return 0;
        uint16_t type = load16(c->at, c->big), len = load16(c->at + 2, c->big);
        if (type == RECORD_END && len > 0)
            return 0;
        size_t at = out->len;
        int rc = put_padded(c, RECORD_HEADER + (size_t)len, out, error);
        if (rc != 1)
            return rc;
        if (type == RECORD_END)
            return 1;
        if (!record_is_sound(type, out->data + at + RECORD_HEADER, len)) {
            losses->names_malformed++;
            out->len = at;
        } else if (swaps) {
            swap16(out->data + at);
            swap16(out->data + at + 2);
        }
    }
    int rc = buffer_append(out, end, sizeof end, error);
    return rc < 0 ? rc : 1;
}

/* Section 4.7: type, length, and that many bytes. */
static int put_secrets(struct cursor *c, bool swaps, struct buffer *out, struct lcap_error *error)
{
    if (c->left < 8)
        return 0;
    size_t len = load32(c->at + 4, c->big);
    int rc = put_words(c, 2, swaps, out, error);
    return rc == 1 ? put_padded(c, len, out, error) : rc;
}

static int put_fixed(enum body_layout layout, struct cursor *c, bool swaps, struct buffer *out,
                     struct lcap_losses *losses, struct lcap_error *error)
{
    switch (layout) {
    case BODY_SECTION: /* the encoder overwrites it */
        return put_bytes(c, PCAPNG_SECTION_FIXED, out, error);
    case BODY_NAMES:
        return put_records(c, swaps, out, losses, error);
    case BODY_STATISTICS: /* interface, high and low half of the time */
        return put_words(c, 3, swaps, out, error);
    case BODY_SECRETS:
        return put_secrets(c, swaps, out, error);
    case BODY_BYTES:
        return put_bytes(c, c->left, out, error);
    case BODY_UNKNOWN:
        break;
    }
    return 0;
}

/* A body of unknown layout can only be copied unchanged. */
static int copy_body(const struct translation *how, const uint8_t *body, size_t len,
                     struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    if (how->from_big != how->to_big) {
        losses->blocks_order++;
        return 0;
    }
    int rc = buffer_append(out, body, len, error);
    return rc < 0 ? rc : 1;
}

int translate_body(const struct translation *how, const uint8_t *body, size_t len,
                   struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    static const uint8_t end_of_options[4];
    enum body_layout layout = layout_of(how->type);
    if (!pcapng_body_obeys(how->type, len)) {
        losses->blocks_malformed++;
        return 0;
    }
    if (layout == BODY_UNKNOWN)
        return copy_body(how, body, len, out, losses, error);
    struct cursor c = {body, len, how->from_big};
    struct lcap_losses before = *losses;
    size_t start = out->len;
    int rc = put_fixed(layout, &c, how->from_big != how->to_big, out, losses, error);
    size_t options = out->len;
    if (rc == 1)
        rc = put_options(how, &c, out, losses, error);
    if (rc == 1 && out->len > options && buffer_append(out, end_of_options, 4, error) < 0)
        rc = LCAP_ERR_MEMORY;
    if (rc != 1) {
        out->len = start;
        *losses = before;
        losses->blocks_malformed += rc == 0;
    }
    return rc;
}
