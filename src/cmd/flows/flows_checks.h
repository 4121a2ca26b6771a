/*
 * Checks of options of `flows` that depend on values, profiles and formats. All
 * return LCAP_ERR_ARGUMENT if the options do not go together.
 */
#ifndef CMD_FLOWS_FLOWS_CHECKS_H
#define CMD_FLOWS_FLOWS_CHECKS_H

#include "cmd/flows/flows_plan.h"

/* Before the profile is chosen. */
int flows_checks_values(const struct flows_args *args, struct lcap_error *error);

/* Options that only some profiles have. */
int flows_checks_profile(const struct flows_plan *plan, struct lcap_error *error);

/* Options for some outputs and formats. */
int flows_checks_output(const struct flows_plan *plan, struct lcap_error *error);

/*
 * No output may overwrite another one, which is COMMAND_USAGE, or an input. A
 * directory of tables is created if it is missing, but a file cannot become one.
 */
int flows_checks_places(const struct flows_plan *plan, struct lcap_error *error);

#endif
