/* Checks which options of a command line exclude or need each other. */
#ifndef COMMANDLINE_OPTION_RELATIONS_H
#define COMMANDLINE_OPTION_RELATIONS_H

#include "commandline/command.h"

/* Far more than any table has; a command with more options would be hard to use. */
#define OPTION_ROWS_MAX 80

/* Which rows of the table of a command are on the command line. */
struct options_given {
    bool rows[OPTION_ROWS_MAX];
    bool letters[OPTION_ROWS_MAX]; /* by its letter */
    bool operands;
};

/* LCAP_ERR_ARGUMENT: the error names the first relation of the command that is violated. */
int option_relations_check(const struct command *command, const struct options_given *given,
                           struct lcap_error *error);

#endif
