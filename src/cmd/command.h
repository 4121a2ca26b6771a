/*
 * A command is data: its name, its option table, its defaults, and the
 * function that runs it. --help, shell completion and the check of the manual
 * pages are made from the same table, so they cannot drift apart.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,    /* bool: set to true */
    OPTION_TEXT,    /* const char * */
    OPTION_SIZE,    /* uint64_t bytes: 64k, 512M, 1GiB; never 0 */
    OPTION_COUNT,   /* uint64_t; never 0, which can stand for: not given */
    OPTION_SECONDS, /* double */
    OPTION_TIMEOUT, /* int64_t nanoseconds, from seconds with up to nine decimals; 0 is allowed */
    OPTION_CHOICE,  /* int: index into `choices` */
};

struct option_row {
    char letter;          /* 0 = long name only */
    const char *name;     /* NULL ends the table */
    const char *argument; /* what it takes, for help: FILE, N, …; NULL for flags */
    const char *help;     /* one line */
    enum option_kind kind;
    size_t offset;              /* of the member in the command's arguments */
    const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
};

#define OPTION_END                                                                                 \
    {                                                                                              \
        0, NULL, NULL, NULL, OPTION_FLAG, 0, NULL                                                  \
    }

/* What a command hands back besides LCAP_OK and negative codes. */
enum {
    COMMAND_TOLD = 1,  /* failed, and the user has been told why */
    COMMAND_USAGE = 2, /* options that make no sense together; the error says why */
};

struct command {
    const char *name;
    const char *summary;  /* one line for the list of commands */
    const char *usage;    /* what may be typed; lines after the first are indented by 7 spaces */
    const char *operands; /* what they are, for messages: "INPUT" */
    size_t min_operands, max_operands;
    const char *details; /* a few lines for --help, or NULL */
    const char *example; /* one line */
    const struct option_row *options;
    const void *defaults; /* the arguments before any option; copied */
    size_t args_size;
    int (*run)(const void *args, const char *const *operands, size_t count,
               struct lcap_error *error);
};

/* Every command, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

const struct command *command_find(const char *name);

/* Parses the arguments of `command` (argv[0] is its name), runs it, and returns the exit status. */
int command_main(const struct command *command, int argc, char **argv);

/* The command line of pcapml: -D, -P, -M, … translated to one of the commands. */
int pcapml_main(int argc, char **argv);

#define EXIT_USAGE 2

#endif
