/* The streams of a run, one after the other or several at once: the same rows in the same order. */
#ifndef TABULATE_GROUP_JOBS_H
#define TABULATE_GROUP_JOBS_H

#include "tabulate/group_reader.h"

/* Called in the order of the streams, when all rows of one have been taken. */
typedef int flows_stream_done(void *context, const struct flows_stream *stream,
                              const struct flows_result *result, struct lcap_error *error);

/* `done` is called by the caller's thread; `take` by that one, or by another while it waits for the
 * stream's end, but never by two at once. */
int flows_jobs_run(const struct flows_plan *plan, flows_rows_taker *take, flows_stream_done *done,
                   void *context, struct lcap_error *error);

#endif
