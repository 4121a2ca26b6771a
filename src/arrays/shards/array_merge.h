/* Reads the rows of all parts of a run of `arrays` in place of a data set. */
#ifndef ARRAYS_SHARDS_ARRAY_MERGE_H
#define ARRAYS_SHARDS_ARRAY_MERGE_H

#include "arrays/array_collector.h"
#include "dataset/shard/outcome_note.h"
#include "dataset/shard/parts.h"
#include <labelcap/arrays.h>

struct array_merge {
    const struct parts *parts;
    struct buffer settings;            /* of the first part; what follows points into it */
    struct lcap_array_options options; /* with which the shards were run */
    const char *format;
};

/* Reads the settings of the run. Release it even after an error. */
int array_merge_begin(struct array_merge *merge, const struct parts *parts,
                      struct lcap_error *error);
void array_merge_release(struct array_merge *merge);

/* Writes all rows, in the order of the shards, to the output, and adds up what was counted. */
int array_merge_rows(const struct array_merge *merge, struct array_output *output,
                     struct array_labels *labels, struct array_collector *collector,
                     struct lcap_error *error);

/* The outcome of reading the data set, as the joints tell it. */
void array_merge_outcome(const struct array_merge *merge, struct input_outcome *outcome);

#endif
