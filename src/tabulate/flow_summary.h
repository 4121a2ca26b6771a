/*
 * The report of `flows`: counts, protocols, durations, sizes, largest flows, as
 * text. In compat mode it is laid out as NexusFlowMeter's is.
 *
 * Memory does not depend on the number of flows, with one exception: compat mode
 * holds every flow's duration (8 bytes), because the original's median is exact.
 * Without it the median is exact up to SKETCH_EXACT flows, and within 0.4 % of
 * the true value from there on.
 */
#ifndef TABULATE_FLOW_SUMMARY_H
#define TABULATE_FLOW_SUMMARY_H

#include "base/buffer.h"
#include <labelcap/flow.h>

struct flow_summary;

/* What the report tells besides the flows. */
struct flow_summary_facts {
    const char *source; /* path of the one input; NULL where there are several */
    size_t sources;     /* how many */
    const char *filter; /* protocols with commas between; NULL = all */
    const struct lcap_flow_counts *counts;
    double seconds; /* that the run took; only compat mode tells it */
};

/*
 * The report goes to the file `path`, or, where that is a directory, into it as
 * NAME_flow_report.txt, NAME being the source's without its suffix ("flows" for
 * several sources: NULL). Appends that place, with a NUL.
 */
int flow_summary_place(const char *path, const char *source, struct buffer *place,
                       struct lcap_error *error);

/* A file that exists at `place` is an error now, not after the run. */
int flow_summary_open(struct flow_summary **report, const char *place, bool compat, bool overwrite,
                      struct lcap_error *error);

/* Takes a row's summary; its cells are not looked at. */
int flow_summary_add(struct flow_summary *report, const struct lcap_flow_row *row,
                     struct lcap_error *error);

/* Writes it and puts it into place. */
int flow_summary_write(struct flow_summary *report, const struct flow_summary_facts *facts,
                       struct lcap_error *error);
void flow_summary_free(struct flow_summary *report);

#endif
