/* Blocks kept for later files, in bounded memory. */
#include "dataset/kept_blocks.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* Far more than captures hold, and less than the 64 MiB that a run may use. */
#define MAX_KEPT_BYTES (16u << 20)

int kept_blocks_add(struct kept_blocks *kept, const struct lcap_block *block,
                    struct lcap_error *error)
{
    kept->bytes += sizeof *kept->items + block->body_len;
    if (kept->bytes > MAX_KEPT_BYTES)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "more than 16 MiB of name and secrets blocks, which would be "
                              "repeated in each pcapng file");
    void *items = kept->items;
    int rc = memory_grow(&items, &kept->capacity, kept->count + 1, sizeof *kept->items, error);
    kept->items = items;
    if (rc < 0)
        return rc;
    uint8_t *body = memory_new(block->body_len, 1, error);
    if (!body)
        return LCAP_ERR_MEMORY;
    if (block->body_len > 0)
        memcpy(body, block->body, block->body_len);
    kept->items[kept->count] = (struct kept_block){*block, body};
    kept->items[kept->count++].block.body = body;
    return LCAP_OK;
}

void kept_blocks_release(struct kept_blocks *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->items[i].body);
    free(kept->items);
    *kept = (struct kept_blocks){0};
}
