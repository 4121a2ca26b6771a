/* The report of a run of `label`: warnings, a line for each rule, and the same as JSON. */
#ifndef CMD_LABEL_LABEL_REPORT_H
#define CMD_LABEL_LABEL_REPORT_H

#include "cmd/label/label_run.h"

/* Opens the report of --stats-json, before the first packet is read. */
int label_report_open(struct label_run *run, struct lcap_error *error);

/* Prints the warnings about the rules. */
void label_report_warnings(const struct label_pass_result *result);

/*
 * Prints what else was found, the summary, and the table of rules if it is short or requested, and
 * writes run->report, which becomes NULL; its object is documented in labelcap-label(1).
 * LCAP_ERR_LABEL: no packet got a label.
 */
int label_report_show(struct label_run *run, struct lcap_error *error);

#endif
