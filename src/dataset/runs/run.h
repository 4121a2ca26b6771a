/* What the public runs share: their struct, and the result that is left of them. */
#ifndef DATASET_RUNS_RUN_H
#define DATASET_RUNS_RUN_H

#include "base/io/output.h"
#include "base/result.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"
#include "sort/sorter.h"
#include <labelcap/run.h>

/* Takes the struct of a caller. LCAP_ERR_ARGUMENT unless it has an output, if it
 * `needs_output`, and from `least` to `most` inputs. */
int run_take(struct lcap_run *run, const struct lcap_run *theirs, bool needs_output, size_t least,
             size_t most, struct lcap_error *error);

struct input_options run_input(const struct lcap_run *run);
struct sorter_options run_sorter(const struct lcap_run *run);
struct output_options run_placing(const struct lcap_run *run);

/* The inputs, without the output, which is excluded before. */
int run_list(const struct lcap_run *run, struct sources *sources, struct lcap_error *error);

/*
 * Keeps the description and what it is of, `found` (from malloc()), for the caller, who gets a
 * result if `rc` is 0; otherwise releases both. Returns `rc`, or the first failure to describe.
 */
int run_finish(int rc, const struct result *description, void *found, void (*release)(void *found),
               struct lcap_result **result, struct lcap_error *error);

#endif
