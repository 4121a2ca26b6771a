/* Option tables: parsing by getopt_long, and the help that is made from them. */
#include "cmd/options.h"

#include "base/text/text.h"
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far above any table; a command with more options would be hard to use. */
#define MAX_OPTIONS 64

/* getopt_long answers with row number + this for every long option. */
#define FIRST_LONG 256

static size_t row_count(const struct option_row *rows)
{
    size_t count = 0;
    while (rows[count].name)
        count++;
    return count;
}

static void make_getopt_tables(const struct option_row *rows, char *letters, struct option *longs)
{
    size_t count = row_count(rows);
    *letters++ = ':'; /* a missing argument is answered with ':' */
    for (size_t i = 0; i < count && i < MAX_OPTIONS; i++) {
        int has_argument = rows[i].kind == OPTION_FLAG ? no_argument : required_argument;
        longs[i] = (struct option){rows[i].name, has_argument, NULL, FIRST_LONG + (int)i};
        if (rows[i].letter) {
            *letters++ = rows[i].letter;
            if (has_argument)
                *letters++ = ':';
        }
    }
    *letters++ = 'h';
    *letters = '\0';
    longs[count] = (struct option){"help", no_argument, NULL, 'h'};
}

static const struct option_row *row_of(const struct option_row *rows, int answer)
{
    if (answer >= FIRST_LONG)
        return &rows[answer - FIRST_LONG];
    while (rows->name && rows->letter != answer)
        rows++;
    return rows;
}

static int choose(const struct option_row *row, const char *value, int *choice,
                  struct lcap_error *error)
{
    char list[256] = "";
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], value) == 0) {
            *choice = i;
            return LCAP_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", row->choices[i]);
    }
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--%s: expected one of %s, found '%s'",
                          row->name, list, value);
}

static int seconds_of(const char *value, double *seconds)
{
    char *end;
    double parsed = strtod(value, &end);
    bool decimal = isdigit((unsigned char)value[0]) && !value[strspn(value, "0123456789.")];
    if (!decimal || *end || !(parsed > 0 && parsed <= 31622400)) /* a year at the most */
        return LCAP_ERR_ARGUMENT;
    *seconds = parsed;
    return LCAP_OK;
}

/* Seconds are a moment, too: so long after 1970. */
static int timeout_of(const char *value, int64_t *ns)
{
    bool whole;
    const size_t len = strlen(value);
    if (value[strspn(value, "0123456789.")] || text_to_time(value, len, ns, &whole, NULL) < 0)
        return LCAP_ERR_ARGUMENT;
    return LCAP_OK;
}

static int size_of(const struct option_row *row, const char *value, uint64_t *size,
                   struct lcap_error *error)
{
    if (text_to_size(value, size, error) < 0)
        return lcap_error_prefix(error, "--%s: ", row->name);
    if (*size > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--%s: expected a size from 1 on, found '%s'",
                          row->name, value);
}

static int count_of(const struct option_row *row, const char *value, uint64_t *count,
                    struct lcap_error *error)
{
    if (text_to_u64(value, strlen(value), count) && *count > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--%s: expected a whole number from 1 on, found '%s'", row->name, value);
}

static int store(const struct option_row *row, const char *value, void *args,
                 struct lcap_error *error)
{
    void *member = (char *)args + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return LCAP_OK;
    case OPTION_TEXT:
        *(const char **)member = value;
        return LCAP_OK;
    case OPTION_SIZE:
        return size_of(row, value, member, error);
    case OPTION_COUNT:
        return count_of(row, value, member, error);
    case OPTION_SECONDS:
        if (seconds_of(value, member) == LCAP_OK)
            return LCAP_OK;
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--%s: expected seconds (such as 10 or 0.5), found '%s'", row->name,
                              value);
    case OPTION_TIMEOUT:
        if (timeout_of(value, member) == LCAP_OK)
            return LCAP_OK;
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--%s: expected seconds (such as 60 or 0.5; 0 = never), found '%s'",
                              row->name, value);
    case OPTION_CHOICE:
        return choose(row, value, member, error);
    }
    return LCAP_OK;
}

static int check_operands(const struct command *command, char **operands, int count,
                          struct lcap_error *error)
{
    if ((size_t)count < command->min_operands)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no %s given", command->operands);
    if ((size_t)count > command->max_operands)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "one too many: '%s'",
                              operands[command->max_operands]);
    return LCAP_OK;
}

static bool is_ambiguous(const struct option_row *rows, const char *given)
{
    size_t matches = 0;
    for (; rows->name; rows++)
        matches += strncmp(rows->name, given + 2, strcspn(given + 2, "=")) == 0;
    return matches > 1;
}

/* What getopt_long() answered '?' or ':' to; `given` is the argument that a long option stands in.
 */
static int tell_fault(const struct option_row *rows, int answer, const char *given,
                      struct lcap_error *error)
{
    char name[64];
    bool known = optopt >= FIRST_LONG || optopt == 'h'; /* by its long name */
    if (optopt == 0)
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            is_ambiguous(rows, given) ? "option %s is ambiguous" : "unknown option %s", given);
    if (known)
        snprintf(name, sizeof name, "--%s", optopt == 'h' ? "help" : row_of(rows, optopt)->name);
    else
        snprintf(name, sizeof name, "-%c", optopt);
    if (answer == ':')
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "option %s needs an argument", name);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          known ? "option %s takes no argument" : "unknown option %s", name);
}

enum options_outcome options_parse(const struct command *command, int argc, char **argv, void *args,
                                   int *first_operand, struct lcap_error *error)
{
    char letters[2 * MAX_OPTIONS + 4];
    struct option longs[MAX_OPTIONS + 2] = {0};
    make_getopt_tables(command->options, letters, longs);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    int answer;
    while ((answer = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (answer == 'h')
            return OPTIONS_HELP;
        int rc = answer == '?' || answer == ':'
                     ? tell_fault(command->options, answer, argv[optind - 1], error)
                     : store(row_of(command->options, answer), optarg, args, error);
        if (rc < 0)
            return OPTIONS_WRONG;
    }
    *first_operand = optind;
    return check_operands(command, argv + optind, argc - optind, error) < 0 ? OPTIONS_WRONG
                                                                            : OPTIONS_RUN;
}

static void print_row(const struct option_row *row)
{
    char name[64];
    snprintf(name, sizeof name, "--%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    if (row->letter)
        printf("  -%c, %-24s  %s\n", row->letter, name, row->help);
    else
        printf("      %-24s  %s\n", name, row->help);
}

void options_print_help(const struct command *command)
{
    printf("%s\n\nUsage: %s\n\n", command->summary, command->usage);
    for (const struct option_row *row = command->options; row->name; row++)
        print_row(row);
    printf("  -h, %-24s  %s\n", "--help", "print this");
    if (command->details)
        printf("\n%s\n", command->details);
    printf("\nExample:\n  %s\n", command->example);
}
