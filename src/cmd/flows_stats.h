/* The counts of a run: notes for people, JSON for programs. */
#ifndef CMD_FLOWS_STATS_H
#define CMD_FLOWS_STATS_H

#include "base/io/output.h"
#include "tabulate/group_reader.h"
#include <labelcap/flow.h>

struct flows_stats {
    struct lcap_flow_counts counts; /* of all inputs; peak_flows is the highest of them */
    uint64_t rows;                  /* written */
    struct input_counts inputs;
};

/* Adds the counts of a group. */
void flows_stats_add(struct flows_stats *stats, const struct group_result *result);

void flows_stats_talk(const struct flows_stats *stats, size_t files);
/* Writes them as JSON and closes `out`, even on errors. */
int flows_stats_write(const struct flows_stats *stats, struct output *out,
                      struct lcap_error *error);

#endif
