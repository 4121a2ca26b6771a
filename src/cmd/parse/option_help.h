/* The help of commands, generated from their tables. */
#ifndef CMD_PARSE_OPTION_HELP_H
#define CMD_PARSE_OPTION_HELP_H

#include "cmd/command.h"

/* Prints usage, options and the example of a command to stdout. */
void option_help_print(const struct command *command);

/* Prints the names and summaries of all commands to stdout. */
void option_help_list_commands(void);

#endif
