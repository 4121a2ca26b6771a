/* The runs of a sorter in its spill file. */
#ifndef SORT_SORT_RUNS_H
#define SORT_SORT_RUNS_H

#include "sort/merge.h"
#include "sort/slab.h"
#include "sort/spill.h"

/* Writes the blocks of the slab as one more run, in order, and empties it. */
int sort_runs_add(struct spill *spill, struct slab *slab, unsigned threads,
                  struct lcap_error *error);

/* Begins to merge all runs, in as few steps as the memory allows. */
int sort_runs_merge(struct spill *spill, struct merge *merge, const struct merge_memory *memory,
                    struct lcap_error *error);

#endif
