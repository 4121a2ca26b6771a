/* Places from which reading goes on. */
#include "capture/parts/reader_place.h"

#include "capture/parts/reader_guess.h"
#include <string.h>

int reader_place_take(struct reader_place *place, const struct lcap_reader *reader,
                      struct lcap_error *error)
{
    place->position.size = sizeof place->position;
    buffer_clear(&place->times);
    const int rc = reader_tell_place(reader, &place->position, error);
    return rc == LCAP_OK ? reader_append_times(reader, &place->times, error) : rc;
}

int reader_place_go(const struct reader_place *place, struct lcap_reader *reader,
                    struct lcap_error *error)
{
    struct lcap_position position = place->position;
    position.size = sizeof position;
    const int rc = lcap_reader_seek(reader, &position, error);
    if (rc == LCAP_OK && place->times.len > 0)
        reader_take_times(reader, (const char *)place->times.data);
    return rc;
}

bool reader_place_equal(const struct reader_place *a, const struct reader_place *b)
{
    return a->position.offset == b->position.offset && a->position.section == b->position.section &&
           a->position.interfaces == b->position.interfaces && a->times.len == b->times.len &&
           memcmp(a->times.data, b->times.data, a->times.len) == 0;
}

/* So many tell. */
#define BLOCKS_MET 64

void reader_meet_blocks(struct lcap_reader *reader)
{
    const struct lcap_block *block;
    unsigned blocks = 0;
    while (blocks < BLOCKS_MET && lcap_reader_next(reader, &block, NULL) == 1)
        blocks++;
}

void reader_place_release(struct reader_place *place)
{
    buffer_release(&place->times);
}
