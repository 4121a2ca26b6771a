/* Looks for packets longer than their snap length, and for snap lengths that differ. */
#include "dataset/snaplens.h"

#include "base/io/file.h"
#include "capture/snaplen.h"

struct snaplens {
    bool begun;
    uint32_t first;
};

/* Ends the walk at the first block that is not sound. */
static int check_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct snaplens *snaplens = context;
    (void)error;
    if (block->kind == LCAP_BLOCK_PACKET)
        return snaplen_cut(snaplens->first, block->packet.caplen) < block->packet.caplen;
    if (block->kind != LCAP_BLOCK_INTERFACE)
        return 0;
    const bool same = !snaplens->begun || block->interface->snaplen == snaplens->first;
    *snaplens = (struct snaplens){true, block->interface->snaplen};
    return !same;
}

/* An error here occurs again in the actual pass. */
bool snaplens_are_sound(const char *path, const struct input_options *options)
{
    struct snaplens snaplens = {0};
    struct input_pass input = {.reader = NULL};
    const bool sound = file_is_regular(path) &&
                       input_pass_open(&input, path, false, options, NULL) == 0 &&
                       input_pass_walk(&input, check_block, &snaplens, NULL) == 0;
    input_pass_close(&input);
    return sound;
}
