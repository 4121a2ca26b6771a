/*
 * Bodies and options of pcapng blocks on their way from one section to another,
 * perhaps of the other byte order. What must not be copied
 * (draft-ietf-opsawg-pcapng, section 5.2), what is unknown and would have to be
 * converted, and what violates the draft is left out and counted, so the output is
 * valid whatever the input.
 */
#ifndef CAPTURE_TRANSLATE_H
#define CAPTURE_TRANSLATE_H

#include "base/buffer.h"
#include <labelcap/capture.h>

struct translation {
    uint32_t type; /* of the block */
    bool from_big;
    bool to_big;
    uint8_t drop_comments; /* how many: the first ones */
    bool drop_time_units;  /* if_tsresol, if_tsoffset and if_tsoffset_ns */
    uint32_t seen;         /* one bit a code: options that the block has in another way */
    uint32_t processes;    /* process blocks in the section written before those of this source */
};

/*
 * Appends the options that are kept, without opt_endofopt. LCAP_ERR_DAMAGED if an
 * option is longer than the rest.
 */
int translate_options(const struct translation *how, const uint8_t *options, size_t len,
                      struct buffer *out, struct lcap_losses *losses, struct lcap_error *error);

/* Whether translate_options() would change nothing. False also for damaged options. */
bool translate_is_copy(const struct translation *how, const uint8_t *options, size_t len);

/*
 * Appends the body of a block. Returns 1; 0 if it is left out, with `out`
 * unchanged; or a negative code.
 */
int translate_body(const struct translation *how, const uint8_t *body, size_t len,
                   struct buffer *out, struct lcap_losses *losses, struct lcap_error *error);

#endif
