/* The streams of a run: its inputs one by one or joined, with their names, classes and labels. */
#ifndef TABULATE_INPUT_GROUPS_H
#define TABULATE_INPUT_GROUPS_H

#include "cmd/flows_plan.h"

/* Fills streams and classes of the plan from its sources and arguments. */
int flows_streams_make(struct flows_plan *plan, struct lcap_error *error);
void flows_streams_release(struct flows_plan *plan);

#endif
