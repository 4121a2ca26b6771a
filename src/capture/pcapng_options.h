/*
 * The list of options at the end of pcapng blocks, and what
 * draft-ietf-opsawg-pcapng (sections 3.5 and 4) says of each of them.
 */
#ifndef CAPTURE_PCAPNG_OPTIONS_H
#define CAPTURE_PCAPNG_OPTIONS_H

#include "base/bytes.h"

struct pcapng_option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/*
 * Takes the next option. Returns 1; 0 at opt_endofopt or where no room for
 * another is left; -1 when the option is longer than what is left.
 */
int pcapng_option_next(struct cursor *c, struct pcapng_option *option);

/* What the value of an option is made of. */
enum value_layout {
    VALUE_UNKNOWN,  /* its maker knows */
    VALUE_BYTES,    /* text, addresses, single bytes: the same in both orders */
    VALUE_U32,      /* one number of 4 bytes */
    VALUE_U64,      /* one of 8 */
    VALUE_U32_PAIR, /* two of 4; 64-bit times are high half, low half */
    VALUE_PEN_TEXT, /* private enterprise number (4 bytes), then text */
};

struct pcapng_option_rule {
    uint16_t code;
    uint16_t least, most; /* bytes of its value */
    bool repeats;         /* a block may have several */
    enum value_layout value;
};

/* The rule for an option of a block of this type; NULL for an option that is not known. */
const struct pcapng_option_rule *pcapng_option_rule_of(uint32_t block_type, uint16_t code);

/*
 * Whether an option is as its rule has it (NULL: any is). `seen` begins at 0
 * for each block and remembers which options it has had: of several where one
 * is allowed the first counts.
 */
bool pcapng_option_obeys(const struct pcapng_option_rule *rule, const struct pcapng_option *option,
                         uint32_t *seen);

#endif
