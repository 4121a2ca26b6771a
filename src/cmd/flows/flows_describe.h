/* Describes profiles: names, columns, units and formulas. */
#ifndef CMD_FLOWS_FLOWS_DESCRIBE_H
#define CMD_FLOWS_FLOWS_DESCRIBE_H

#include <labelcap/flow.h>

/* NULL: there is none of that name (NULL: the first one); the error says so. */
const struct lcap_profile *flows_find_profile(const char *name, struct lcap_error *error);

/* Prints the names and summaries of all profiles. */
int flows_list_profiles(void);

/* Prints a page about one profile in Markdown, as in docs/profiles. */
int flows_describe(const char *name, struct lcap_error *error);

#endif
