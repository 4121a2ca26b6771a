/*
 * The list of options at the end of pcapng blocks, and the rules of
 * draft-ietf-opsawg-pcapng (sections 3.5 and 4) for each.
 */
#ifndef CAPTURE_PCAPNG_OPTIONS_H
#define CAPTURE_PCAPNG_OPTIONS_H

#include "base/bytes.h"
#include <labelcap/packet.h>

struct pcapng_option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/*
 * Takes the next option. Returns 1; 0 at opt_endofopt or if there is no room for
 * another; -1 if the option is longer than the rest.
 */
int pcapng_option_next(struct cursor *c, struct pcapng_option *option);

/* Sets `option` to the second comment of a packet; false without one. */
bool pcapng_second_comment(const struct lcap_packet *packet, struct pcapng_option *option);

/* The structure of the value of an option. */
enum value_layout {
    VALUE_UNKNOWN,  /* only its author knows */
    VALUE_BYTES,    /* text, addresses, single bytes: the same in both orders */
    VALUE_U32,      /* one number of 4 bytes */
    VALUE_U64,      /* one of 8 */
    VALUE_U32_PAIR, /* two of 4; 64-bit times are high half, low half */
    VALUE_PEN_TEXT, /* private enterprise number (4 bytes), then text */
    VALUE_VERDICT,  /* a byte that tells the type, then what belongs to that */
};

struct pcapng_option_rule {
    uint16_t code;
    uint16_t least, most; /* bytes of its value */
    bool repeats;         /* a block may have several */
    enum value_layout value;
};

/* Whether the value of a verdict, of at least a byte, is a number of 8 bytes behind its type. */
bool pcapng_verdict_is_number(const uint8_t *value);

/* Whether a body is long enough for a block of this type. */
bool pcapng_body_obeys(uint32_t block_type, size_t len);

/* The rule for an option of a block of this type; NULL for an unknown option. */
const struct pcapng_option_rule *pcapng_option_rule_of(uint32_t block_type, uint16_t code);

/*
 * Whether an option obeys its rule (NULL: always). `seen` begins at 0 for each
 * block and remembers its options: if only one is allowed, the first counts.
 */
bool pcapng_option_obeys(const struct pcapng_option_rule *rule, const struct pcapng_option *option,
                         uint32_t *seen);

/* Before the value of an option; and the option that ends a list. */
enum { PCAPNG_OPTION_HEADER = 4, PCAPNG_OPTIONS_END = 4 };

static inline size_t pcapng_option_size(size_t len)
{
    return PCAPNG_OPTION_HEADER + pad4(len);
}

#endif
