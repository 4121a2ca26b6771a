/* What a run has done, described for printers. */
#ifndef TABULATE_TABULATE_RESULT_H
#define TABULATE_TABULATE_RESULT_H

#include "base/result.h"
#include "tabulate/tabulate.h"

void tabulate_describe(const struct tabulate_result *done, struct result *result);

/* How many packets are in no flow for which reason. */
void skipped_describe(const struct lcap_flow_counts *counts, struct result *result);

#endif
