/* Reads the groups of a run, one after the other or several at once: the rows and their order are
 * the same. */
#ifndef TABULATE_GROUP_JOBS_H
#define TABULATE_GROUP_JOBS_H

#include "tabulate/group_reader.h"

/* Called in the order of the groups, when all rows of one have been taken. */
typedef int group_done(void *context, const struct input_group *group,
                       const struct group_result *result, struct lcap_error *error);

/*
 * `done` is called with the context of `taker`, by the thread of the caller. The
 * functions of `taker` are called by that thread, or by the thread of an extractor
 * until the end of its group, but never by two at once.
 */
int group_jobs_run(const struct table_plan *plan, const struct row_taker *taker, group_done *done,
                   struct lcap_error *error);

#endif
