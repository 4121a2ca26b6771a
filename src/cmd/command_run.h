/* Finds and runs commands. */
#ifndef CMD_COMMAND_RUN_H
#define CMD_COMMAND_RUN_H

#include "commandline/command.h"

/* NULL if there is none; the error says so. */
const struct command *command_find(const char *name, struct lcap_error *error);

/* The initial arguments of a command, freed with free(). */
void *command_new_args(const struct command *command, struct lcap_error *error);

/* Parses the arguments of `command` (argv[0] is its name), runs it, and returns the exit status. */
int command_main(const struct command *command, int argc, char **argv);

/* The exit status of what has returned `rc` and printed on standard output; tells the error. */
int command_exit_status(int rc, struct lcap_error *error);

/* Whether standard output is a pipe that nobody reads on, as in `| head`. */
bool command_is_read_no_more(void);

/* The command line of pcapml: -D, -P, -M, … translated to one of the commands. */
int pcapml_main(int argc, char **argv);

#define EXIT_USAGE 2

#endif
