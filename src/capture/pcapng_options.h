/* The list of options at the end of pcapng blocks (draft-ietf-opsawg-pcapng, section 3.5). */
#ifndef CAPTURE_PCAPNG_OPTIONS_H
#define CAPTURE_PCAPNG_OPTIONS_H

#include "base/bytes.h"

struct option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/*
 * Takes the next option. Returns 1; 0 at opt_endofopt or where no room for
 * another is left; -1 when the option is longer than what is left.
 */
int option_next(struct cursor *c, struct option *option);

#endif
