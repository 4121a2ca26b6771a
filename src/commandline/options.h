/* Parses argv into the arguments of a command by its option table. */
#ifndef COMMANDLINE_OPTIONS_H
#define COMMANDLINE_OPTIONS_H

#include "commandline/command.h"

enum options_outcome { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG };

/* Tells a warning of the form of printf(). */
typedef void options_warning(const char *format, ...);

/*
 * Fills `args` (a copy of the defaults) from argv; the operands are then
 * argv[*first_operand..argc). OPTIONS_WRONG: the error says what is wrong.
 */
enum options_outcome options_parse(const struct command *command, int argc, char **argv, void *args,
                                   int *first_operand, options_warning *warn,
                                   struct lcap_error *error);

/* `value` is NULL if the option takes no argument. */
typedef int options_function(void *context, const struct option_row *row, const char *value,
                             struct lcap_error *error);

/* Passes the options of a command line that options_parse() has parsed, as they were given. */
int options_walk(const struct command *command, int argc, char **argv, options_function *function,
                 void *context, struct lcap_error *error);

/* The row of that name; NULL if there is none. */
const struct option_row *options_find(const struct option_row *rows, const char *name, size_t len);

/*
 * The next row from `row` on that is an option to show, not a heading or
 * synonym. NULL at the end.
 */
const struct option_row *options_shown(const struct option_row *row);

#endif
