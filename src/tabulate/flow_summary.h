/*
 * A summary of flows: counts, protocols, durations, sizes, largest flows, as text. In
 * compat mode it has the layout of NexusFlowMeter's report.
 *
 * Memory does not depend on the number of flows, with one exception: compat mode
 * stores the duration of every flow (8 bytes), because the median of the original
 * is exact. In default mode the median is exact up to SKETCH_EXACT flows, and
 * within 0.4 % of the true value beyond that.
 */
#ifndef TABULATE_FLOW_SUMMARY_H
#define TABULATE_FLOW_SUMMARY_H

#include "base/buffer.h"
#include "base/result.h"
#include <labelcap/flow.h>

struct flow_summary;

/* What the summary says besides the flows. */
struct flow_summary_facts {
    const char *source; /* path of the only input; NULL if there are several */
    uint64_t sources;   /* captures read */
    const char *filter; /* protocols separated by commas; NULL = all */
    const struct lcap_flow_counts *counts;
    double seconds; /* duration of the run; only in compat mode */
};

int flow_summary_new(struct flow_summary **summary, bool compat, struct lcap_error *error);

/* An lcap_flow_sink, whose context is the summary: takes the counts of a row; its cells are
 * ignored.
 */
int flow_summary_add(void *context, const struct lcap_flow_row *row, struct lcap_error *error);

/* Describes the flows. The summary is sorted, and must exist as long as the description. */
void flow_summary_describe(struct flow_summary *summary, const struct flow_summary_facts *facts,
                           struct result *result);

/* In compat mode: appends the text of NexusFlowMeter. */
int flow_summary_original_text(struct flow_summary *summary, const struct flow_summary_facts *facts,
                               struct buffer *out, struct lcap_error *error);
void flow_summary_free(struct flow_summary *summary);

#endif
