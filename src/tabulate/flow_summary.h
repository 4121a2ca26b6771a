/*
 * The report of `flows`: counts, protocols, durations, sizes, largest flows, as
 * text. In compat mode it has the layout of NexusFlowMeter's report.
 *
 * Memory does not depend on the number of flows, with one exception: compat mode
 * stores the duration of every flow (8 bytes), because the median of the original
 * is exact. In default mode the median is exact up to SKETCH_EXACT flows, and
 * within 0.4 % of the true value beyond that.
 */
#ifndef TABULATE_FLOW_SUMMARY_H
#define TABULATE_FLOW_SUMMARY_H

#include "base/buffer.h"
#include <labelcap/flow.h>

struct flow_summary;

/* What the report says besides the flows. */
struct flow_summary_facts {
    const char *source; /* path of the only input; NULL if there are several */
    size_t sources;     /* how many */
    const char *filter; /* protocols separated by commas; NULL = all */
    const struct lcap_flow_counts *counts;
    double seconds; /* duration of the run; only in compat mode */
};

/*
 * The report goes to the file `path` or, if that is a directory, into it as
 * NAME_flow_report.txt, where NAME is that of the source without its suffix
 * ("flows" for several sources: NULL). Appends this path, with a NUL.
 */
int flow_summary_place(const char *path, const char *source, struct buffer *place,
                       struct lcap_error *error);

/* An existing file at `place` is an error now, not after the run. */
int flow_summary_open(struct flow_summary **report, const char *place, bool compat, bool overwrite,
                      struct lcap_error *error);

/* Takes the summary of a row; its cells are ignored. */
int flow_summary_add(struct flow_summary *report, const struct lcap_flow_row *row,
                     struct lcap_error *error);

/* Writes and finishes the report. */
int flow_summary_write(struct flow_summary *report, const struct flow_summary_facts *facts,
                       struct lcap_error *error);
void flow_summary_free(struct flow_summary *report);

#endif
