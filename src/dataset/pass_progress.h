/* How a pass tells its progress. */
#ifndef DATASET_PASS_PROGRESS_H
#define DATASET_PASS_PROGRESS_H

#include <labelcap/error.h>
#include <labelcap/progress.h>

/* Blocks between two looks: several looks a second, and no time lost. */
#define PASS_BLOCKS_BETWEEN_LOOKS (1u << 14)

/* LCAP_ERR_INTERRUPTED if the watcher does not want to go on. */
static inline int pass_progress_tell(const struct lcap_watcher *watcher,
                                     const struct lcap_progress *progress, struct lcap_error *error)
{
    if (!watcher->look || watcher->look(watcher->context, progress))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_INTERRUPTED, "%s: interrupted", progress->name);
}

#endif
