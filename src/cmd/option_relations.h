/* Checks what the options of a command line exclude and need. */
#ifndef CMD_OPTION_RELATIONS_H
#define CMD_OPTION_RELATIONS_H

#include "cmd/command.h"

/* Far above any table; a command with more options would be hard to use. */
#define OPTION_ROWS_MAX 80

/* What of a command's table a command line holds. */
struct options_given {
    bool rows[OPTION_ROWS_MAX];
    bool letters[OPTION_ROWS_MAX]; /* by its letter */
    bool operands;
};

/* LCAP_ERR_ARGUMENT: the error names the first row of the command's relations that does not hold.
 */
int option_relations_check(const struct command *command, const struct options_given *given,
                           struct lcap_error *error);

#endif
