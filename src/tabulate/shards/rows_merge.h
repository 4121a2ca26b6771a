/* Merges the rows that the shards of a run have made, in the order of one process. */
#ifndef TABULATE_SHARDS_ROWS_MERGE_H
#define TABULATE_SHARDS_ROWS_MERGE_H

#include "base/findings.h"
#include "tabulate/shards/rows_part.h"

struct rows_merge;

/* The parts of all shards, in their order; the paths must outlive the merge. */
int rows_merge_open(struct rows_merge **merge, const char *const *paths, size_t count,
                    struct lcap_error *error);

/* Those of the run, as flows_settings.h takes them. */
const struct buffer *rows_merge_settings(const struct rows_merge *merge);

/* Before the first group: rows are of this profile. */
void rows_merge_use(struct rows_merge *merge, const struct lcap_flow_options *flow);

/* Returns 1 and the next group, 0 after the last one. Its texts are valid until the next. */
int rows_merge_group(struct rows_merge *merge, struct input_group *group, struct lcap_error *error);

/*
 * Passes the rows of that group on, and sets *end to what the shards have counted
 * together. LCAP_ERR_ARGUMENT: more flows may have been open at once than the options
 * allow, so that one process might have ended some early.
 */
int rows_merge_rows(struct rows_merge *merge, const struct row_target *target, unsigned threads,
                    struct rows_end *end, struct lcap_error *error);

/* The damage of inputs so far. */
const struct findings *rows_merge_damage(const struct rows_merge *merge);
void rows_merge_free(struct rows_merge *merge);

#endif
