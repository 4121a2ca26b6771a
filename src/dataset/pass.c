/* One pass over the blocks of a capture. */
#include "dataset/pass.h"

int pass_over(struct lcap_reader *reader, pass_function *function, void *context,
              pass_watcher *watcher, struct lcap_error *error)
{
    enum { BLOCKS_BETWEEN_LOOKS = 1 << 14 };
    const struct lcap_block *block;
    uint64_t blocks = 0;
    int rc;
    while ((rc = lcap_reader_next(reader, &block, error)) == 1) {
        rc = function(context, block, error);
        if (rc != 0)
            return rc;
        if (++blocks % BLOCKS_BETWEEN_LOOKS == 0 && watcher)
            watcher(reader);
    }
    return rc;
}

int pass_keep_damage(int rc, struct lcap_error *error, struct lcap_error *damage)
{
    if (rc != LCAP_ERR_DAMAGED)
        return rc;
    *damage = *error;
    lcap_error_clear(error);
    return LCAP_OK;
}

int pass_outcome(int rc, struct lcap_error *error, const struct lcap_error *damage)
{
    if (rc != LCAP_OK || damage->code == LCAP_OK)
        return rc;
    *error = *damage;
    return damage->code;
}
