/* What a run of `label` tells at its end: warnings, a line for each rule, and the same as JSON. */
#ifndef CMD_LABEL_REPORT_H
#define CMD_LABEL_REPORT_H

#include "cmd/label_run.h"
#include <stdio.h>

/*
 * All warnings about the rules, found at loading and by the run, in rule
 * order. Says them, unless told only to count. Returns how many there are.
 */
size_t label_report_warnings(const struct label_run *run, bool say);

/* The summary, and the table of rules where it is short or asked for. */
int label_report_print(const struct label_run *run, FILE *out, struct lcap_error *error);

/* The object of --stats-json, documented in labelcap-label(1). */
int label_report_write_json(const struct label_run *run, const char *path,
                            struct lcap_error *error);

#endif
