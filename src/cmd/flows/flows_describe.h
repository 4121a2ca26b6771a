/* Describes profiles: names, columns, units and formulas. */
#ifndef CMD_FLOWS_FLOWS_DESCRIBE_H
#define CMD_FLOWS_FLOWS_DESCRIBE_H

#include <labelcap/error.h>

/* Prints the names and summaries of all profiles. */
int flows_list_profiles(void);

/* Prints a page about one profile in Markdown, as in docs/profiles. */
int flows_describe(const char *name, struct lcap_error *error);

#endif
