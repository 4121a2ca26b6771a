/* The help of commands, generated from their tables. */
#ifndef COMMANDLINE_OPTION_HELP_H
#define COMMANDLINE_OPTION_HELP_H

#include "commandline/command.h"

/* Prints usage, options and the example of a command to stdout. */
void option_help_print(const struct command *command);

/* Prints the names and summaries of all commands to stdout. */
void option_help_list_commands(void);

#endif
