/* For those that look at several packets at once. */
#ifndef CAPTURE_PARTS_READER_AHEAD_H
#define CAPTURE_PARTS_READER_AHEAD_H

#include <labelcap/capture.h>

/*
 * After a packet: whether all bytes of the next block are in memory, so that the next
 * call of lcap_reader_next() overwrites nothing that copies of the last packets point to.
 */
bool reader_next_is_at_hand(const struct lcap_reader *reader);

#endif
