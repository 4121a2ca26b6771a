/*
 * Checks of options of `flows` that depend on values, profiles and formats. All
 * return LCAP_ERR_ARGUMENT if the options do not go together.
 */
#ifndef TABULATE_FLOWS_FLOWS_CHECKS_H
#define TABULATE_FLOWS_FLOWS_CHECKS_H

#include "tabulate/flows/flows_plan.h"

/* Before the profile is chosen. */
int flows_checks_values(const struct flows_request *wanted, struct lcap_error *error);

/* Options that only some profiles have. */
int flows_checks_profile(const struct flows_plan *plan, struct lcap_error *error);

/* Options for some outputs and formats. */
int flows_checks_output(const struct flows_plan *plan, struct lcap_error *error);

/* What shards cannot do. */
int flows_checks_shard(const struct flows_plan *plan, struct lcap_error *error);

#endif
