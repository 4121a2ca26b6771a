/* The groups of a run: its inputs separate or joined, with their names, classes and labels. */
#ifndef TABULATE_INPUT_GROUPS_H
#define TABULATE_INPUT_GROUPS_H

#include "cmd/flows_plan.h"

/* Fills groups and classes of the plan from its sources and arguments. */
int input_groups_make(struct flows_plan *plan, struct lcap_error *error);
void input_groups_release(struct flows_plan *plan);

#endif
