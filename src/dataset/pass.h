/* One pass over the blocks of a capture, with somebody looking on now and then. */
#ifndef DATASET_PASS_H
#define DATASET_PASS_H

#include "dataset/input_pass.h"

/* Returns 0 at the end of the capture, 1 where the function ended it early, or a negative code. */
int pass_over(struct lcap_reader *reader, pass_function *function, void *context,
              pass_watcher *watcher, struct lcap_error *error);

/*
 * Damage ends a capture, but all before it is good: where `rc` says damage,
 * moves the error to *damage, so that the work can be finished, and returns 0.
 */
int pass_keep_damage(int rc, struct lcap_error *error, struct lcap_error *damage);

/* The other half, once the work is finished: gives the damage back as the outcome. */
int pass_outcome(int rc, struct lcap_error *error, const struct lcap_error *damage);

#endif
