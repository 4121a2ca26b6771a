/* Passes the packets of one group through an extractor, and records the outcomes of its inputs. */
#ifndef TABULATE_GROUP_READER_H
#define TABULATE_GROUP_READER_H

#include "features/profile.h"
#include "tabulate/row_sink.h"

struct group_result {
    struct input_outcome *inputs; /* one for each source of the group */
    struct lcap_flow_counts counts;
    struct lcap_unknown_type *unknown;
    size_t unknown_count;
    uint64_t rows; /* passed on */
};

/* Reads all sources of the group, and passes the rows of a share of its flows to `target`. */
int group_reader_extract(const struct table_plan *plan, const struct input_group *group,
                         const struct row_target *target, struct flow_share share,
                         const struct lcap_watcher *watcher, struct group_result *result,
                         struct lcap_error *error);

/*
 * Reads all sources of the group; an error returned ends the run. May be called from
 * several threads, each with a watcher of its own.
 */
int group_reader_run(const struct table_plan *plan, const struct input_group *group,
                     const struct row_taker *taker, const struct lcap_watcher *watcher,
                     struct group_result *result, struct lcap_error *error);
void group_result_release(struct group_result *result);

#endif
