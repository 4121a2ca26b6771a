/* The streams of a run: its inputs one by one or joined, with their names, classes and labels. */
#ifndef CMD_FLOWS_STREAMS_H
#define CMD_FLOWS_STREAMS_H

#include "cmd/flows_plan.h"

/* Fills streams and classes of the plan from its sources and arguments. */
int flows_streams_make(struct flows_plan *plan, struct lcap_error *error);
void flows_streams_release(struct flows_plan *plan);

#endif
