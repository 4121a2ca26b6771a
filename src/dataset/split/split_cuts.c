/* Cuts between samples. */
#include "dataset/split/split_cuts.h"

#include "base/memory.h"
#include <stdlib.h>

enum {
    SHORTEST = 1 << 20,  /* shorter pieces take longer to enter than threads bring */
    MOST_CUTS = 1 << 12, /* so that those of a long file take little memory */
};

static bool is_far(const struct split_cuts *cuts, uint64_t offset)
{
    return cuts->count == 0 ||
           offset - cuts->items[cuts->count - 1].place.position.offset >= cuts->distance;
}

int split_cuts_add(struct split_cuts *cuts, struct split_cut *cut, struct lcap_error *error)
{
    if (!is_far(cuts, cut->place.position.offset))
        return LCAP_OK;
    void *items = cuts->items;
    const int rc =
        memory_grow(&items, &cuts->capacity, cuts->count + 1, sizeof *cuts->items, error);
    cuts->items = items;
    if (rc < 0)
        return rc;
    cuts->items[cuts->count++] = *cut;
    cut->place.times = (struct buffer){0};
    return LCAP_OK;
}

int split_cuts_begin(struct split_cuts *cuts, uint64_t size, struct lcap_error *error)
{
    struct split_cut beginning = {.sample = 0};
    const uint64_t share = size / MOST_CUTS;
    cuts->distance = share > SHORTEST ? share : SHORTEST;
    return split_cuts_add(cuts, &beginning, error);
}

int split_cuts_note(struct split_cuts *cuts, const struct input_pass *input,
                    const struct lcap_block *block, uint32_t sample, struct lcap_error *error)
{
    struct split_cut cut = {.sample = sample, .packets = input->outcome.packets - 1};
    if (cuts->distance == 0 || !is_far(cuts, block->offset))
        return LCAP_OK;
    int rc = reader_place_take(&cut.place, input->reader, error);
    cut.place.position.offset = cut.place.position.coded_offset = block->offset;
    if (rc == LCAP_OK)
        rc = split_cuts_add(cuts, &cut, error);
    reader_place_release(&cut.place);
    return rc;
}

void split_cuts_clear(struct split_cuts *cuts)
{
    for (size_t i = 0; i < cuts->count; i++)
        reader_place_release(&cuts->items[i].place);
    cuts->count = 0;
}

void split_cuts_release(struct split_cuts *cuts)
{
    split_cuts_clear(cuts);
    free(cuts->items);
}
