/* For those that look at several packets at once. */
#ifndef CAPTURE_PARTS_READER_AHEAD_H
#define CAPTURE_PARTS_READER_AHEAD_H

#include "base/buffer.h"
#include <labelcap/capture.h>

/*
 * After a packet: whether all bytes of the next block are in memory, so that the next
 * call of lcap_reader_next() overwrites nothing that copies of the last packets point to.
 */
bool reader_next_is_at_hand(const struct lcap_reader *reader);

/* Whether packets are the bytes of the file, so that reader_exchange_memory() hands them over. */
bool reader_leaves_bytes(const struct lcap_reader *reader);

/*
 * Hands over the memory that copies of the last packets point to, in exchange for other memory, or
 * none. What follows in it is copied: best when no next block is at hand.
 */
int reader_exchange_memory(struct lcap_reader *reader, struct buffer *memory,
                           struct lcap_error *error);

#endif
