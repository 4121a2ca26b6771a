/* A run of `flows`: tables, a preview and a report from one pass. */
#ifndef TABULATE_FLOWS_FLOWS_RUN_H
#define TABULATE_FLOWS_FLOWS_RUN_H

#include "tabulate/flows/flows_plan.h"

/* The listener of the inputs is that of the request. *result as in tabulate_run(). */
int flows_run(struct flows_plan *plan, struct tabulate_result *result, struct lcap_error *error);

#endif
