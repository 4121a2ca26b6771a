/*
 * The options of a command as a table, and what they exclude or need as
 * another. Parsing, --help, completion and the check of the manual follow them.
 */
#ifndef COMMANDLINE_OPTION_TABLE_H
#define COMMANDLINE_OPTION_TABLE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,     /* bool: set to true */
    OPTION_TEXT,     /* const char * */
    OPTION_PRESET,   /* const char *: set to `preset` */
    OPTION_SIZE,     /* uint64_t bytes: 64k, 512M, 1GiB; never 0 */
    OPTION_COUNT,    /* uint64_t from 1 to `most` */
    OPTION_NUMBER,   /* int from 1 to `most` */
    OPTION_SECONDS,  /* double */
    OPTION_PERCENT,  /* double: a share of 1, from a percentage */
    OPTION_TIMEOUT,  /* int64_t nanoseconds, from seconds with up to nine decimals; 0 is allowed */
    OPTION_SHIFT,    /* the same with a sign before it, for either direction */
    OPTION_CHOICE,   /* int: index into `choices` */
    OPTION_LINKTYPE, /* uint16_t, from a name or a number */
    OPTION_PARSED,   /* what `parse` makes of the argument */
    OPTION_HEADING,  /* not an option: `name` is the heading of the following rows */
    OPTION_SYNONYM,  /* another spelling of the option named in `help`; not shown in the help */
};

/* What a shell offers for an argument that has no `choices`. */
enum completion {
    COMPLETE_FILES,
    COMPLETE_PROFILES,
    COMPLETE_INTERFACES,
    COMPLETE_COMMANDS,
    COMPLETE_SHELLS,
};

/* The place of the argument of an option, and its limits. */
struct option_value {
    enum option_kind kind;
    size_t offset;              /* of the member in the command's arguments */
    const char *const *choices; /* NULL-terminated; of OPTION_TEXT what a shell offers of a list */
    uint64_t most;              /* OPTION_COUNT and OPTION_NUMBER */
    const char *preset;         /* what it is without an argument, if it may have none */
    size_t given;               /* of a bool that is set as well; 0: there is none */
    enum completion completion; /* OPTION_TEXT */
    int (*check)(const char *text, struct lcap_error *error); /* OPTION_TEXT: or NULL */
    /* OPTION_PARSED: what it refuses is wrong usage. */
    int (*parse)(void *member, const char *text, struct lcap_error *error);
};

struct option_row {
    char letter;          /* 0 = long name only */
    const char *name;     /* NULL ends the table */
    const char *argument; /* its argument in the help: FILE, N, …; NULL if it takes none */
    struct option_value value;
    const char *help;
};

/* Rows are written with these; ARGS is the struct of the command's arguments. */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type takes none */
#define ARG_OFFSET(TYPE, MEMBER) _Generic(((ARGS *)NULL)->MEMBER, TYPE : offsetof(ARGS, MEMBER))
#define ARG_AS(KIND, TYPE, MEMBER, CHOICES, MOST, PRESET, GIVEN)                                   \
    {                                                                                              \
        KIND, ARG_OFFSET(TYPE, MEMBER), CHOICES, MOST, PRESET, GIVEN, COMPLETE_FILES, NULL, NULL   \
    }
#define ARG_FLAG(MEMBER)         ARG_AS(OPTION_FLAG, bool, MEMBER, NULL, 0, NULL, 0)
#define ARG_TEXT(MEMBER)         ARG_AS(OPTION_TEXT, const char *, MEMBER, NULL, 0, NULL, 0)
/* One of the names, or several with commas between; whoever reads them checks them. */
#define ARG_NAMES(MEMBER, NAMES) ARG_AS(OPTION_TEXT, const char *, MEMBER, NAMES, 0, NULL, 0)
/* What CHECK refuses is wrong usage. */
#define ARG_CHECKED(MEMBER, CHECK)                                                                 \
    {                                                                                              \
        .kind = OPTION_TEXT, .offset = ARG_OFFSET(const char *, MEMBER), .check = (CHECK)          \
    }
#define ARG_NAME(MEMBER, COMPLETION)                                                               \
    {                                                                                              \
        .kind = OPTION_TEXT, .offset = ARG_OFFSET(const char *, MEMBER),                           \
        .completion = (COMPLETION)                                                                 \
    }
#define ARG_PARSED(TYPE, MEMBER, PARSE)                                                            \
    {                                                                                              \
        .kind = OPTION_PARSED, .offset = ARG_OFFSET(TYPE, MEMBER), .parse = (PARSE)                \
    }
#define ARG_PRESET(MEMBER, TEXT)       ARG_AS(OPTION_PRESET, const char *, MEMBER, NULL, 0, TEXT, 0)
#define ARG_SIZE(MEMBER)               ARG_AS(OPTION_SIZE, uint64_t, MEMBER, NULL, 0, NULL, 0)
#define ARG_COUNT(MEMBER)              ARG_COUNT_TO(UINT64_MAX, MEMBER)
#define ARG_COUNT_TO(MOST, MEMBER)     ARG_AS(OPTION_COUNT, uint64_t, MEMBER, NULL, MOST, NULL, 0)
#define ARG_NUMBER_TO(MOST, MEMBER)    ARG_AS(OPTION_NUMBER, int, MEMBER, NULL, MOST, NULL, 0)
#define ARG_SECONDS(MEMBER)            ARG_AS(OPTION_SECONDS, double, MEMBER, NULL, 0, NULL, 0)
/* Its argument may be left out; it is PRESET then. */
#define ARG_SECONDS_OR(PRESET, MEMBER) ARG_AS(OPTION_SECONDS, double, MEMBER, NULL, 0, PRESET, 0)
#define ARG_CHOICE(MEMBER, CHOICES)    ARG_AS(OPTION_CHOICE, int, MEMBER, CHOICES, 0, NULL, 0)

#define ARG_PERCENT(MEMBER) ARG_AS(OPTION_PERCENT, double, MEMBER, NULL, 0, NULL, 0)

#define ARG_SHIFT(MEMBER) ARG_AS(OPTION_SHIFT, int64_t, MEMBER, NULL, 0, NULL, 0)

/* The same, and a bool MEMBER_given is set: for options whose default is worked out later. */
#define ARG_GIVEN(MEMBER) offsetof(ARGS, MEMBER##_given)
#define ARG_NOTED_CHOICE(MEMBER, CHOICES)                                                          \
    ARG_AS(OPTION_CHOICE, int, MEMBER, CHOICES, 0, NULL, ARG_GIVEN(MEMBER))
#define ARG_NOTED_LINKTYPE(MEMBER)                                                                 \
    ARG_AS(OPTION_LINKTYPE, uint16_t, MEMBER, NULL, 0, NULL, ARG_GIVEN(MEMBER))
#define ARG_NOTED_TIMEOUT(MEMBER)                                                                  \
    ARG_AS(OPTION_TIMEOUT, int64_t, MEMBER, NULL, 0, NULL, ARG_GIVEN(MEMBER))

#define ROW_HEADING(TEXT)                                                                          \
    {                                                                                              \
        0, TEXT, NULL, {.kind = OPTION_HEADING}, NULL                                              \
    }
#define ROW_SYNONYM(LETTER, NAME, OF)                                                              \
    {                                                                                              \
        LETTER, NAME, NULL, {.kind = OPTION_SYNONYM}, OF                                           \
    }
enum option_relation_kind { EXCLUDES, NEEDS };

/*
 * Names of options are separated by '|'; the word for operands, such as INPUT, may
 * be among them.
 */
struct option_relation {
    const char *options; /* applies to each of them that is given; NULL: to the command itself */
    enum option_relation_kind kind;
    const char *others; /* excludes these, except itself; or needs one of these */
    const char *why;    /* or NULL */
};

#endif
