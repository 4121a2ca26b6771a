/* The counts of a run: notes for people, JSON for programs. */
#ifndef CMD_FLOWS_FLOWS_STATS_H
#define CMD_FLOWS_FLOWS_STATS_H

#include "base/io/output.h"
#include "tabulate/tabulate.h"

void flows_stats_talk(const struct tabulate_result *result);
/* Writes them as JSON and closes `out`, even on errors. */
int flows_stats_write(const struct tabulate_result *result, struct output *out,
                      struct lcap_error *error);

#endif
