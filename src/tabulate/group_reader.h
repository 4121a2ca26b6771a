/* Passes one group of packets through an extractor, and records the outcomes of its inputs. */
#ifndef TABULATE_GROUP_READER_H
#define TABULATE_GROUP_READER_H

#include "cmd/flows_plan.h"
#include "dataset/input_pass.h"
#include "tabulate/row_sink.h"
#include <labelcap/flow.h>

struct group_result {
    struct input_outcome *inputs; /* one for each source of the group */
    struct lcap_flow_counts counts;
    uint64_t rows; /* passed on */
};

/*
 * Reads all sources of the group. A fault of one of them (damage, not a capture) is
 * recorded in its struct input_outcome, and the next one is read; an error returned
 * ends the run. May be called from several threads; `watcher` may be NULL.
 */
int group_reader_run(const struct flows_plan *plan, const struct input_group *group,
                     row_taker *take, void *context, pass_watcher *watcher,
                     struct group_result *result, struct lcap_error *error);
void group_result_release(struct group_result *result);

#endif
