/* Translation of blocks between byte orders, by a table of what the fields of each type are. */
#include "capture/translate.h"

#include "base/bytes.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include <inttypes.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the value of an option is made of. */
enum value_layout {
    VALUE_UNKNOWN,
    VALUE_BYTES,    /* text, addresses, single bytes: the same in both orders */
    VALUE_U32,      /* one number of 4 bytes */
    VALUE_U64,      /* one of 8 */
    VALUE_U32_PAIR, /* two of 4; 64-bit times are high half, low half */
    VALUE_PEN_TEXT, /* private enterprise number (4 bytes), then text */
};

struct option_layout {
    uint16_t code;
    enum value_layout value;
};

/* Sections 3.5 and 3.5.1; binary custom data (2989) is known to its maker alone. */
static const struct option_layout common_options[] = {
    {OPT_COMMENT, VALUE_BYTES},
    {OPT_CUSTOM_TEXT, VALUE_PEN_TEXT},
};

static const struct option_layout section_options[] = {
    {2, VALUE_BYTES}, /* shb_hardware */
    {3, VALUE_BYTES}, /* shb_os */
    {4, VALUE_BYTES}, /* shb_userappl */
};

static const struct option_layout interface_options[] = {
    {OPT_IF_NAME, VALUE_BYTES},
    {3, VALUE_BYTES}, /* if_description */
    {4, VALUE_BYTES}, /* if_IPv4addr */
    {5, VALUE_BYTES}, /* if_IPv6addr */
    {6, VALUE_BYTES}, /* if_MACaddr */
    {7, VALUE_BYTES}, /* if_EUIaddr */
    {8, VALUE_U64},   /* if_speed */
    {OPT_IF_TSRESOL, VALUE_BYTES},
    {10, VALUE_U32},   /* if_tzone */
    {11, VALUE_BYTES}, /* if_filter */
    {12, VALUE_BYTES}, /* if_os */
    {OPT_IF_FCSLEN, VALUE_BYTES},
    {OPT_IF_TSOFFSET, VALUE_U64},
    {15, VALUE_BYTES}, /* if_hardware */
    {16, VALUE_U64},   /* if_txspeed */
    {17, VALUE_U64},   /* if_rxspeed */
    {18, VALUE_BYTES}, /* if_iana_tzname */
    {OPT_IF_TSOFFSET_NS, VALUE_U32},
};

/* The obsolete Packet Block's pack_flags and pack_hash are the same as epb_flags and epb_hash. */
static const struct option_layout packet_options[] = {
    {OPT_EPB_FLAGS, VALUE_U32},
    {OPT_EPB_HASH, VALUE_BYTES},
    {OPT_EPB_DROPCOUNT, VALUE_U64},
    {5, VALUE_U64},      /* epb_packetid */
    {6, VALUE_U32},      /* epb_queue */
    {7, VALUE_BYTES},    /* epb_verdict */
    {8, VALUE_U32_PAIR}, /* epb_processid_threadid */
};

static const struct option_layout names_options[] = {
    {2, VALUE_BYTES}, /* ns_dnsname */
    {3, VALUE_BYTES}, /* ns_dnsIP4addr */
    {4, VALUE_BYTES}, /* ns_dnsIP6addr */
};

static const struct option_layout statistics_options[] = {
    {OPT_ISB_STARTTIME, VALUE_U32_PAIR},
    {OPT_ISB_ENDTIME, VALUE_U32_PAIR},
    {4, VALUE_U64}, /* isb_ifrecv */
    {5, VALUE_U64}, /* isb_ifdrop */
    {6, VALUE_U64}, /* isb_filteraccept */
    {7, VALUE_U64}, /* isb_osdrop */
    {8, VALUE_U64}, /* isb_usrdeliv */
};

/* How the part of a body before its options is made. */
enum body_layout {
    BODY_NONE, /* translate_body() does not take it: the encoder writes it field by field */
    BODY_SECTION,
    BODY_NAMES,
    BODY_STATISTICS,
    BODY_SECRETS,
    BODY_BYTES, /* no numbers and no options */
};

struct block_layout {
    uint32_t type;
    enum body_layout body;
    const struct option_layout *options;
    size_t option_count;
};

static const struct block_layout block_layouts[] = {
    {PCAPNG_SECTION_HEADER, BODY_SECTION, section_options, COUNT(section_options)},
    {PCAPNG_INTERFACE, BODY_NONE, interface_options, COUNT(interface_options)},
    {PCAPNG_ENHANCED_PACKET, BODY_NONE, packet_options, COUNT(packet_options)},
    {PCAPNG_NAMES, BODY_NAMES, names_options, COUNT(names_options)},
    {PCAPNG_STATISTICS, BODY_STATISTICS, statistics_options, COUNT(statistics_options)},
    {PCAPNG_SECRETS, BODY_SECRETS, NULL, 0},
    {PCAPNG_JOURNAL, BODY_BYTES, NULL, 0},
};

static const struct block_layout *find_block(uint32_t type)
{
    for (size_t i = 0; i < COUNT(block_layouts); i++)
        if (block_layouts[i].type == type)
            return &block_layouts[i];
    return NULL;
}

static enum value_layout find_option(const struct option_layout *options, size_t count,
                                     uint16_t code)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].code == code)
            return options[i].value;
    return VALUE_UNKNOWN;
}

static enum value_layout option_layout(uint32_t type, uint16_t code)
{
    const struct block_layout *block = find_block(type);
    enum value_layout value = find_option(common_options, COUNT(common_options), code);
    if (value == VALUE_UNKNOWN && block)
        value = find_option(block->options, block->option_count, code);
    return value;
}

/* Whether a value of this length is made as the layout says. */
static bool layout_fits(enum value_layout value, uint16_t len)
{
    switch (value) {
    case VALUE_BYTES:
        return true;
    case VALUE_U32:
        return len == 4;
    case VALUE_U64:
    case VALUE_U32_PAIR:
        return len == 8;
    case VALUE_PEN_TEXT:
        return len >= 4;
    case VALUE_UNKNOWN:
        break;
    }
    return false;
}

static void swap16(uint8_t *at)
{
    store16(at, load16(at, true), false);
}

static void swap32(uint8_t *at)
{
    store32(at, load32(at, true), false);
}

static void swap_value(uint8_t *at, enum value_layout value)
{
    switch (value) {
    case VALUE_U32:
    case VALUE_PEN_TEXT:
        swap32(at);
        break;
    case VALUE_U64:
        store64(at, load64(at, true), false);
        break;
    case VALUE_U32_PAIR:
        swap32(at);
        swap32(at + 4);
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

/* Appends one option, turned where the orders differ, or counts it as lost. */
static int put_option(const struct translation *how, const struct option *option,
                      struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    enum { HEADER = 4 }; /* code and length, right before the value */
    bool swaps = how->from_big != how->to_big;
    enum value_layout value = VALUE_UNKNOWN;
    if (is_nocopy(option->code)) {
        losses->options_nocopy++;
        return LCAP_OK;
    }
    if (swaps) {
        value = option_layout(how->type, option->code);
        if (!layout_fits(value, option->len)) {
            losses->options_order++;
            return LCAP_OK;
        }
    }
    size_t at = out->len;
    int rc = buffer_append(out, option->value - HEADER, HEADER + pad4(option->len), error);
    if (rc == LCAP_OK && swaps) {
        swap16(out->data + at);
        swap16(out->data + at + 2);
        swap_value(out->data + at + HEADER, value);
    }
    return rc;
}

/* Appends what is kept of the options. Returns 1, 0 when one overruns the block, or a code. */
static int put_options(const struct translation *how, struct cursor *c, struct buffer *out,
                       struct lcap_losses *losses, struct lcap_error *error)
{
    struct option option;
    bool drop_comment = how->drop_first_comment;
    int more;
    while ((more = option_next(c, &option)) == 1) {
        if (drop_comment && option.code == OPT_COMMENT) {
            drop_comment = false;
            continue;
        }
        if (how->drop_time_units && is_time_unit(option.code))
            continue;
        int rc = put_option(how, &option, out, losses, error);
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
        return lcap_error_set(error, LCAP_ERR_DAMAGED,
                              "block of type %" PRIu32 ": option at byte %zu of its %zu bytes of "
                              "options runs past their end",
                              how->type, len - c.left, len);
    return rc < 0 ? rc : LCAP_OK;
}

bool translate_is_copy(const struct translation *how, const uint8_t *options, size_t len)
{
    struct cursor c = {options, len, how->from_big};
    struct option option;
    int more;
    if (how->from_big != how->to_big || how->drop_first_comment || how->drop_time_units)
        return false;
    while ((more = option_next(&c, &option)) == 1)
        if (is_nocopy(option.code))
            return false;
    return more == 0;
}

/* Appends the next `len` bytes. Like the put_ functions below: 1, 0 when they are not there. */
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

/* Section 4.5: records of type, length and bytes, up to one of type 0. */
static int put_records(struct cursor *c, bool swaps, struct buffer *out, struct lcap_error *error)
{
    enum { RECORD_END = 0, RECORD_HEADER = 4 };
    uint16_t type = !RECORD_END;
    while (type != RECORD_END && c->left > 0) {
        if (c->left < RECORD_HEADER)
            return 0;
        type = load16(c->at, c->big);
        uint16_t len = load16(c->at + 2, c->big);
        size_t at = out->len;
        int rc = put_bytes(c, RECORD_HEADER + pad4(len), out, error);
        if (rc != 1)
            return rc;
        if (swaps) {
            swap16(out->data + at);
            swap16(out->data + at + 2);
        }
    }
    return 1;
}

/* Section 4.7: type, length, and that many bytes. */
static int put_secrets(struct cursor *c, bool swaps, struct buffer *out, struct lcap_error *error)
{
    if (c->left < 8)
        return 0;
    size_t len = load32(c->at + 4, c->big);
    int rc = put_words(c, 2, swaps, out, error);
    return rc == 1 ? put_bytes(c, pad4(len), out, error) : rc;
}

static int put_fixed(enum body_layout layout, struct cursor *c, bool swaps, struct buffer *out,
                     struct lcap_error *error)
{
    switch (layout) {
    case BODY_SECTION: /* the encoder overwrites it */
        return put_bytes(c, PCAPNG_SECTION_FIXED, out, error);
    case BODY_NAMES:
        return put_records(c, swaps, out, error);
    case BODY_STATISTICS: /* interface, high and low half of the time */
        return put_words(c, 3, swaps, out, error);
    case BODY_SECRETS:
        return put_secrets(c, swaps, out, error);
    case BODY_BYTES:
        return put_bytes(c, c->left, out, error);
    case BODY_NONE:
        break;
    }
    return 0;
}

int translate_body(const struct translation *how, const uint8_t *body, size_t len,
                   struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    static const uint8_t end_of_options[4];
    const struct block_layout *layout = find_block(how->type);
    struct cursor c = {body, len, how->from_big};
    struct lcap_losses before = *losses;
    size_t start = out->len;
    int rc = 0;
    if (layout)
        rc = put_fixed(layout->body, &c, how->from_big != how->to_big, out, error);
    size_t options = out->len;
    if (rc == 1)
        rc = put_options(how, &c, out, losses, error);
    if (rc == 1 && out->len > options && buffer_append(out, end_of_options, 4, error) < 0)
        rc = LCAP_ERR_MEMORY;
    if (rc != 1) {
        out->len = start;
        *losses = before;
    }
    return rc;
}
