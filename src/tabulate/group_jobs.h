/* Reads the groups of a run, one after the other or several at once, with the same rows in the same
 * order. */
#ifndef TABULATE_GROUP_JOBS_H
#define TABULATE_GROUP_JOBS_H

#include "tabulate/group_reader.h"

/* Called in the order of the groups, when all rows of one have been taken. */
typedef int group_done(void *context, const struct input_group *group,
                       const struct group_result *result, struct lcap_error *error);

/* `done` is called by the thread of the caller; `take` by that thread, or by another one while it
 * waits for the end of the group, but never by two at once. */
int group_jobs_run(const struct flows_plan *plan, row_taker *take, group_done *done, void *context,
                   struct lcap_error *error);

#endif
