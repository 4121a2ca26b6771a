/* Searches for the beginnings of samples. */
#include "arrays/pieces/piece_cuts.h"

#include "capture/parts/reader_guess.h"
#include "capture/parts/reader_place.h"
#include <labelcap/label.h>

/* Bytes read for one look, enough for some packets; and a distance so short that all is read. */
enum { LOOK = 16 << 10, NEAR = 128 << 10 };

/* A labelled packet and its sample. */
struct look {
    uint64_t place;
    uint64_t sample_id;
};

int piece_cuts_init(struct piece_cuts *cuts, const struct lcap_reader *whole,
                    struct lcap_error *error)
{
    *cuts = (struct piece_cuts){.reader = NULL};
    const int rc = reader_open_beside(&cuts->reader, whole, error);
    if (rc < 0)
        return rc;
    reader_limit_reads(cuts->reader, LOOK);
    cuts->size = lcap_reader_file_size(cuts->reader);
    reader_meet_blocks(cuts->reader);
    return LCAP_OK;
}

void piece_cuts_release(struct piece_cuts *cuts)
{
    lcap_reader_free(cuts->reader);
}

/* Reads the next labelled packet; `before` is the place right before it. */
static bool next_label(const struct piece_cuts *cuts, struct lcap_position *before,
                       uint64_t *sample_id)
{
    const struct lcap_block *block;
    struct lcap_label label;
    while (lcap_reader_tell(cuts->reader, before, NULL) == LCAP_OK &&
           lcap_reader_next(cuts->reader, &block, NULL) == 1) {
        if (block->kind != LCAP_BLOCK_PACKET || !lcap_packet_label(&block->packet, &label))
            continue;
        *sample_id = label.sample_id;
        return true;
    }
    return false;
}

/* The sample of the first labelled packet from there on. */
static bool look_at(const struct piece_cuts *cuts, uint64_t place, struct look *look)
{
    struct lcap_position found = {.size = sizeof found};
    if (place >= cuts->size || reader_guess_near(cuts->reader, place, &found, NULL) < 0 ||
        lcap_reader_seek(cuts->reader, &found, NULL) < 0 ||
        !next_label(cuts, &found, &look->sample_id))
        return false;
    look->place = found.offset;
    return true;
}

/* Finds a place of another sample, in steps that double. */
static uint64_t place_beyond(const struct piece_cuts *cuts, struct look *last)
{
    struct look look;
    for (uint64_t step = NEAR; look_at(cuts, last->place + step, &look); step *= 2) {
        if (look.sample_id != last->sample_id)
            return look.place;
        *last = look;
    }
    return cuts->size;
}

/* Moves the look to the last part of its sample, in halves of the distance. */
static void come_near(const struct piece_cuts *cuts, struct look *last, uint64_t beyond)
{
    struct look look;
    while (beyond - last->place > NEAR) {
        const uint64_t middle = last->place + (beyond - last->place) / 2;
        if (!look_at(cuts, middle, &look) || look.place >= beyond ||
            look.sample_id != last->sample_id)
            beyond = middle;
        else
            *last = look;
    }
}

bool piece_cuts_find(struct piece_cuts *cuts, uint64_t from, struct lcap_position *cut)
{
    struct look last;
    uint64_t sample_id;
    if (!look_at(cuts, from, &last))
        return false;
    come_near(cuts, &last, place_beyond(cuts, &last));
    *cut = (struct lcap_position){.size = sizeof *cut};
    if (!look_at(cuts, last.place, &last))
        return false;
    while (next_label(cuts, cut, &sample_id))
        if (sample_id != last.sample_id)
            return true;
    return false;
}
