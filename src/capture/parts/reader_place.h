/* A place in a capture from which another reader of the same file reads on as this one would. */
#ifndef CAPTURE_PARTS_READER_PLACE_H
#define CAPTURE_PARTS_READER_PLACE_H

#include "base/buffer.h"
#include <labelcap/capture.h>

/* A place between two blocks, and what timestamps are taken for there. All zero: the beginning. */
struct reader_place {
    struct lcap_position position;
    struct buffer times;
};

int reader_place_take(struct reader_place *place, const struct lcap_reader *reader,
                      struct lcap_error *error);
int reader_place_go(const struct reader_place *place, struct lcap_reader *reader,
                    struct lcap_error *error);
bool reader_place_equal(const struct reader_place *a, const struct reader_place *b);
/* Reads the first blocks, which tell what the interfaces are and what timestamps are taken for. */
void reader_meet_blocks(struct lcap_reader *reader);
void reader_place_release(struct reader_place *place);

#endif
