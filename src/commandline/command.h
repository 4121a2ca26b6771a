/*
 * A command is data: its name, the tables of its options, its defaults, and
 * the function that runs it.
 */
#ifndef COMMANDLINE_COMMAND_H
#define COMMANDLINE_COMMAND_H

#include "commandline/option_table.h"
#include <labelcap/error.h>

/* What a command returns besides LCAP_OK and negative codes. */
enum {
    COMMAND_TOLD = 1,  /* failed, and the error has been reported */
    COMMAND_USAGE = 2, /* wrong usage; the error says why */
};

struct command {
    const char *name;
    const char *summary;  /* one line for the list of commands */
    const char *usage;    /* the synopsis; lines after the first are indented by 7 spaces */
    const char *operands; /* what they are, for messages: "INPUT" */
    size_t min_operands, max_operands;
    enum completion completion; /* of operands */
    bool ends_options;          /* the first operand does: what follows is a command line */
    const char *details;        /* a paragraph for --help, or NULL */
    const char *example;        /* one line */
    const struct option_row *options;
    const struct option_relation *relations; /* NULL, or a row without `others` ends them */
    const void *defaults;                    /* the initial arguments, copied; NULL: all are 0 */
    size_t args_size;
    /* Checks what depends on values or operands, or NULL; an error is wrong usage. */
    int (*check)(const void *args, const char *const *operands, size_t count,
                 struct lcap_error *error);
    int (*run)(const void *args, const char *const *operands, size_t count,
               struct lcap_error *error);
};

/* Every command, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

#endif
