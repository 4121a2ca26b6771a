/* Blocks of BGZF by their headers. */
#include "base/io/block_search.h"

#include "base/bytes.h"
#include "base/io/file.h"

/* As much as a header is looked for in when only headers are read; ours has 18 bytes. */
#define LOOK 64

/* Data may hold a block, too, but hardly so many in a row: blocks are longer than packets. */
#define ENOUGH_IN_A_ROW 5

/* As much as is read at a time to search in. */
#define WINDOW 4096

/* What a block says of itself. False: there is no block. */
static bool look_at_block(const struct source *s, uint64_t at, struct bgzf_block *block,
                          uint32_t *len)
{
    uint8_t look[LOOK], trailer[4];
    const uint64_t in_file = (uint64_t)s->start + at;
    const ssize_t got = file_read_at(s->fd, look, sizeof look, in_file);
    if (got <= 0 || bgzf_examine(look, (size_t)got, block, NULL) != 1 ||
        file_read_at(s->fd, trailer, sizeof trailer, in_file + block->coded_len - sizeof trailer) !=
            sizeof trailer)
        return false;
    *len = load32(trailer, false);
    return *len <= BGZF_MOST;
}

bool block_search_is_at(const struct source *s, uint64_t at)
{
    struct bgzf_block block;
    uint32_t len;
    return look_at_block(s, at, &block, &len);
}

void block_search_find(const struct source *s, uint64_t offset, struct block_place *place)
{
    struct bgzf_block block;
    uint32_t len;
    while (look_at_block(s, place->at, &block, &len) && offset - place->offset >= len) {
        place->at += block.coded_len;
        place->offset += len;
    }
}

uint64_t block_search_offset(const struct source *s, uint64_t at)
{
    struct block_place place = {0};
    struct bgzf_block block;
    uint32_t len;
    while (place.at < at && look_at_block(s, place.at, &block, &len)) {
        place.at += block.coded_len;
        place.offset += len;
    }
    return place.offset;
}

uint64_t block_search_past_empty(const struct source *s, uint64_t at)
{
    struct bgzf_block block;
    uint32_t len;
    while (look_at_block(s, at, &block, &len) && len == 0)
        at += block.coded_len;
    return at;
}

/* Whether enough blocks follow one another from there, or all up to the end of the file. */
static bool begins_row(const struct source *s, uint64_t at)
{
    struct bgzf_block block;
    uint32_t len;
    for (unsigned found = 0; found < ENOUGH_IN_A_ROW && at != s->file_size; found++) {
        if (!look_at_block(s, at, &block, &len))
            return false;
        at += block.coded_len;
    }
    return true;
}

/* The next block is not further away than the longest one is long. */
uint64_t block_search_guess(const struct source *s, uint64_t from)
{
    uint8_t window[WINDOW];
    for (uint64_t at = from; at < from + BGZF_MOST; at += sizeof window) {
        const ssize_t got = file_read_at(s->fd, window, sizeof window, (uint64_t)s->start + at);
        for (ssize_t i = 0; i < got; i++)
            if (window[i] == bgzf_end[0] && begins_row(s, at + (uint64_t)i))
                return at + (uint64_t)i;
    }
    return s->file_size;
}
