/* Where blocks of BGZF are. */
#include "base/io/known_blocks.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* Where the block is in the unpacked stream, and in the file. */
struct known_block {
    uint64_t offset;
    uint64_t at;
    uint32_t len;
    uint32_t coded_len;
};

static int make_room(struct known_blocks *blocks, size_t count, struct lcap_error *error)
{
    void *items = blocks->items;
    const int rc =
        memory_grow(&items, &blocks->capacity, blocks->count + count, sizeof *blocks->items, error);
    blocks->items = items;
    return rc;
}

static void forget_before(struct known_blocks *blocks, uint64_t offset)
{
    size_t past = 0;
    while (past < blocks->count && blocks->items[past].offset + blocks->items[past].len < offset)
        past++;
    if (past == 0)
        return;
    blocks->count -= past;
    memmove(blocks->items, blocks->items + past, blocks->count * sizeof *blocks->items);
}

int known_blocks_add(struct known_blocks *blocks, const struct piece *piece, uint64_t offset,
                     uint64_t from, struct lcap_error *error)
{
    forget_before(blocks, from);
    const int rc = make_room(blocks, piece->block_count, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < piece->block_count; i++) {
        const struct piece_block *block = &piece->blocks[i];
        blocks->items[blocks->count++] =
            (struct known_block){offset, block->at, block->len, block->as.coded_len};
        offset += block->len;
    }
    return LCAP_OK;
}

int known_blocks_begin(struct known_blocks *blocks, const struct block_place *place,
                       struct lcap_error *error)
{
    blocks->count = 0;
    const int rc = make_room(blocks, 1, error);
    if (rc == LCAP_OK)
        blocks->items[blocks->count++] = (struct known_block){place->offset, place->at, 0, 0};
    return rc;
}

uint64_t known_blocks_find(const struct known_blocks *blocks, const struct source *source,
                           uint64_t offset)
{
    for (size_t i = blocks->count; i-- > 0;) {
        const struct known_block *block = &blocks->items[i];
        if (offset == block->offset + block->len)
            return bgzf_virtual_offset(
                block_search_past_empty(source, block->at + block->coded_len), 0);
        if (offset >= block->offset && offset < block->offset + block->len)
            return bgzf_virtual_offset(block->at, (uint32_t)(offset - block->offset));
    }
    return 0;
}

void known_blocks_release(struct known_blocks *blocks)
{
    free(blocks->items);
}
