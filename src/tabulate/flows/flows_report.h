/* The file of --report. */
#ifndef TABULATE_FLOWS_FLOWS_REPORT_H
#define TABULATE_FLOWS_FLOWS_REPORT_H

#include "base/buffer.h"
#include "base/io/output.h"
#include "tabulate/flow_summary.h"

/*
 * The report goes to the file `path` or, if that is a directory, into it as
 * NAME_flow_report.txt, where NAME is that of the source without its suffix
 * ("flows" for several sources: NULL). Appends this path, with a NUL.
 */
int flows_report_place(const char *path, const char *source, struct buffer *place,
                       struct lcap_error *error);

/*
 * Writes the report and closes `out`, even on errors: as JSON if the name of the place
 * ends in .json; in compat mode as the original writes it.
 */
int flows_report_write(struct output *out, const char *place, bool compat,
                       struct flow_summary *summary, const struct flow_summary_facts *facts,
                       struct lcap_error *error);

#endif
