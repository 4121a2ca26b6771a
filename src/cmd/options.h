/* Turns argv into a command's arguments by its option table. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "cmd/command.h"

enum options_outcome { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG };

/*
 * Fills `args` (a copy of the defaults) from argv; the operands are then
 * argv[*first_operand..argc). OPTIONS_WRONG: the error says what is wrong.
 */
enum options_outcome options_parse(const struct command *command, int argc, char **argv, void *args,
                                   int *first_operand, struct lcap_error *error);

/* Prints usage, options and the example of a command to stdout. */
void options_print_help(const struct command *command);

#endif
