/* One shard of a run of `flows`, and the table that is made of the parts of all. */
#ifndef TABULATE_FLOWS_FLOWS_SHARD_H
#define TABULATE_FLOWS_FLOWS_SHARD_H

#include "tabulate/flows/flows_plan.h"

struct rows_merge;

/*
 * Writes the part of the shard that the request names, and its joint: the rows of the
 * flows between addresses that are its own, or with BUCKETS_WRITE the packets of its
 * inputs. *is_done: an earlier process has done that, and nothing was read.
 */
int flows_shard_run(struct flows_plan *plan, struct tabulate_result *result, bool *is_done,
                    struct lcap_error *error);

/*
 * Writes the table of a run from its parts: `wanted` names the output and how it is
 * placed; all else is in the parts.
 */
int flows_shard_merge(struct rows_merge *merged, const struct flows_request *wanted,
                      struct tabulate_result *result, struct lcap_error *error);

#endif
