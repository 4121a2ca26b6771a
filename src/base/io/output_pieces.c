/* Joins the checksums of pieces. */
#include "base/io/output_pieces.h"

#include "base/codec/checksum.h"
#include "base/memory.h"
#include <stdlib.h>

struct output_piece {
    uint64_t offset, len;
    uint32_t checksum;
};

int output_pieces_add(struct output_pieces *pieces, uint64_t offset, const void *data, size_t len,
                      struct lcap_error *error)
{
    void *items = pieces->items;
    const int rc =
        memory_grow(&items, &pieces->capacity, pieces->count + 1, sizeof *pieces->items, error);
    pieces->items = items;
    if (rc == LCAP_OK)
        pieces->items[pieces->count++] =
            (struct output_piece){offset, len, checksum_add(0, data, len)};
    return rc;
}

static int compare_offsets(const void *a, const void *b)
{
    const struct output_piece *one = a, *other = b;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

uint32_t output_pieces_checksum(struct output_pieces *pieces, uint32_t checksum)
{
    if (pieces->count > 0)
        qsort(pieces->items, pieces->count, sizeof *pieces->items, compare_offsets);
    for (size_t i = 0; i < pieces->count; i++)
        checksum = checksum_join(checksum, pieces->items[i].checksum, pieces->items[i].len);
    return checksum;
}

void output_pieces_release(struct output_pieces *pieces)
{
    free(pieces->items);
}
