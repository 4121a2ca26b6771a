/* Checks that the options of `flows` go together. All return COMMAND_USAGE if they do not. */
#ifndef CMD_FLOWS_FLOWS_CHECKS_H
#define CMD_FLOWS_FLOWS_CHECKS_H

#include "cmd/flows/flows_plan.h"

int flows_checks_usage(struct lcap_error *error, const char *text);

/* The values of options, and options that exclude each other. */
int flows_checks_options(const struct flows_args *args, struct lcap_error *error);

/* Options that only some profiles have. */
int flows_checks_profile(const struct flows_plan *plan, struct lcap_error *error);

/* Options for some outputs and formats. */
int flows_checks_output(const struct flows_plan *plan, struct lcap_error *error);

/* No output may overwrite another one, or an input: the latter is LCAP_ERR_ARGUMENT. */
int flows_checks_places(const struct flows_plan *plan, struct lcap_error *error);

#endif
