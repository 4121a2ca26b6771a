/* What `info` found, as text for people and as JSON for programs. */
#ifndef CMD_INFO_PRINT_H
#define CMD_INFO_PRINT_H

#include "dataset/info_pass.h"

/* To stdout, whose own failures are found when it is flushed at the end. `samples`: list them
 * too. */
int info_print_text(const struct info_pass_result *info, bool samples, struct lcap_error *error);
int info_print_json(const struct info_pass_result *info, bool samples, struct lcap_error *error);

#endif
