/* What a profile has: its name, its columns, their units and formulas. */
#ifndef CMD_FLOWS_DESCRIBE_H
#define CMD_FLOWS_DESCRIBE_H

#include <labelcap/error.h>

/* Prints the names and summaries of all profiles. */
int flows_list_profiles(void);

/* Prints a page about one profile, in Markdown: the pages in docs/profiles are made so. */
int flows_describe(const char *name, struct lcap_error *error);

#endif
