/*
 * What a check sees in the bytes of a block. The rest of the check does not need these
 * bytes, so that one process may look at them and another one may check.
 */
#ifndef DATASET_CHECK_CHECK_LOOK_H
#define DATASET_CHECK_CHECK_LOOK_H

#include "base/buffer.h"
#include "dataset/check/check_rules.h"
#include "dataset/leaks/packet_facts.h"
#include <labelcap/capture.h>

struct check_look {
    bool malformed;  /* parts of the block violate the pcapng format */
    bool zero_tail;  /* the second half of the packet is zeros */
    bool read_again; /* what gives its label away depends on the fragments before */
    /* Of a packet that is without its bytes, or NULL: */
    const uint8_t *content;           /* HASH_WIDE_LEN bytes that stand for them */
    const struct packet_facts *facts; /* what in them gives its label away */
    const struct check_match *match;  /* what rules make of it */
};

int check_look_at(struct check_look *look, const struct lcap_block *block, struct buffer *scratch,
                  struct lcap_error *error);

#endif
