/* Option tables: parsing by getopt_long. */
#include "commandline/options.h"

#include "base/number/number.h"
#include "base/text/spelling.h"
#include "base/text/text.h"
#include "commandline/option_relations.h"
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <labelcap/capture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long answers with row number + this for every long option. */
#define FIRST_LONG 256

/* The tables of getopt_long. */
struct getopt_tables {
    char letters[2 * OPTION_ROWS_MAX + 5];
    struct option longs[OPTION_ROWS_MAX + 2];
};

const struct option_row *options_find(const struct option_row *rows, const char *name, size_t len)
{
    for (; rows->name; rows++)
        if (strncmp(rows->name, name, len) == 0 && rows->name[len] == '\0')
            return rows;
    return NULL;
}

const struct option_row *options_shown(const struct option_row *row)
{
    while (row->value.kind == OPTION_HEADING || row->value.kind == OPTION_SYNONYM)
        row++;
    return row->name ? row : NULL;
}

/* The row for which a synonym stands; any other row itself. */
static const struct option_row *meaning_of(const struct option_row *rows,
                                           const struct option_row *row)
{
    return row->value.kind == OPTION_SYNONYM ? options_find(rows, row->help, strlen(row->help))
                                             : row;
}

static int argument_of(const struct option_row *row)
{
    if (!row->argument)
        return no_argument;
    return row->value.preset ? optional_argument : required_argument;
}

/* "+": ends at the first operand; ":": ':' is returned for a missing argument. */
static struct getopt_tables make_getopt_tables(const struct command *command)
{
    const struct option_row *rows = command->options;
    struct getopt_tables tables = {.letters = "+:"};
    if (!command->ends_options)
        strcpy(tables.letters, ":");
    char *letter = tables.letters + strlen(tables.letters);
    struct option *name = tables.longs;
    for (const struct option_row *row = rows; row->name; row++) {
        if (row->value.kind == OPTION_HEADING)
            continue;
        const struct option_row *meant = meaning_of(rows, row);
        *name++ =
            (struct option){row->name, argument_of(meant), NULL, FIRST_LONG + (int)(meant - rows)};
        if (row->letter) {
            *letter++ = row->letter;
            if (meant->argument)
                *letter++ = ':';
        }
    }
    *letter = 'h';
    *name = (struct option){"help", no_argument, NULL, 'h'};
    return tables;
}

static const struct option_row *row_of(const struct option_row *rows, int answer)
{
    if (answer >= FIRST_LONG)
        return &rows[answer - FIRST_LONG];
    const struct option_row *row = rows;
    while (row->letter != answer)
        row++;
    return meaning_of(rows, row);
}

static int choose(const struct option_row *row, const char *value, int *choice,
                  struct lcap_error *error)
{
    const char *const *choices = row->value.choices;
    char list[256] = "";
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], value) == 0) {
            *choice = i;
            return LCAP_OK;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", choices[i]);
    }
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--%s: expected one of %s, found '%s'",
                          row->name, list, value);
}

/* Digits, with or without a decimal point. */
static int decimal_of(const char *value, double *number)
{
    char *end;
    const bool decimal = isdigit((unsigned char)value[0]) && !value[strspn(value, "0123456789.")];
    *number = strtod(value, &end);
    return decimal && !*end ? LCAP_OK : LCAP_ERR_ARGUMENT;
}

static int seconds_of(const char *value, double *seconds)
{
    double parsed;
    if (decimal_of(value, &parsed) < 0 || !(parsed > 0 && parsed <= 31622400)) /* at most a year */
        return LCAP_ERR_ARGUMENT;
    *seconds = parsed;
    return LCAP_OK;
}

static int percent_of(const char *value, double *share)
{
    double parsed;
    if (decimal_of(value, &parsed) < 0 || !(parsed <= 100))
        return LCAP_ERR_ARGUMENT;
    *share = parsed / 100;
    return LCAP_OK;
}

/* Seconds are parsed as a moment that long after 1970. */
static int timeout_of(const char *value, int64_t *ns)
{
    bool whole;
    const size_t len = strlen(value);
    if (value[strspn(value, "0123456789.")] || text_to_time(value, len, ns, &whole, NULL) < 0)
        return LCAP_ERR_ARGUMENT;
    return LCAP_OK;
}

static int shift_of(const char *value, int64_t *ns)
{
    const bool back = value[0] == '-';
    const int rc = timeout_of(value + (back || value[0] == '+'), ns);
    if (back)
        *ns = -*ns;
    return rc;
}

static int size_of(const struct option_row *row, const char *value, uint64_t *size,
                   struct lcap_error *error)
{
    if (text_to_size(value, size, error) < 0)
        return lcap_error_prefix(error, "--%s: ", row->name);
    if (*size > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--%s: expected a size of at least 1, found '%s'", row->name, value);
}

static int count_of(const struct option_row *row, const char *value, uint64_t *count,
                    struct lcap_error *error)
{
    if (text_to_u64(value, strlen(value), count) && *count > 0 && *count <= row->value.most)
        return LCAP_OK;
    char range[sizeof "from 1 to " + U64_TEXT] = "of at least 1";
    if (row->value.most < UINT64_MAX)
        snprintf(range, sizeof range, "from 1 to %" PRIu64, row->value.most);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--%s: expected a whole number %s, found '%s'",
                          row->name, range, value);
}

static int number_of(const struct option_row *row, const char *value, int *number,
                     struct lcap_error *error)
{
    uint64_t count;
    const int rc = count_of(row, value, &count, error);
    if (rc == LCAP_OK)
        *number = (int)count;
    return rc;
}

static int wrong_value(const struct option_row *row, const char *expected, const char *value,
                       struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--%s: expected %s, found '%s'", row->name,
                          expected, value);
}

static int name_option(int rc, const struct option_row *row, struct lcap_error *error)
{
    return rc == LCAP_OK ? rc : lcap_error_prefix(error, "--%s: ", row->name);
}

static int check_text(const struct option_row *row, const char *value, struct lcap_error *error)
{
    return row->value.check ? name_option(row->value.check(value, error), row, error) : LCAP_OK;
}

static int store(const struct option_row *row, const char *value, void *args,
                 struct lcap_error *error)
{
    void *member = (char *)args + row->value.offset;
    switch (row->value.kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return LCAP_OK;
    case OPTION_TEXT:
    case OPTION_PRESET:
        *(const char **)member = value;
        return check_text(row, value, error);
    case OPTION_SIZE:
        return size_of(row, value, member, error);
    case OPTION_COUNT:
        return count_of(row, value, member, error);
    case OPTION_NUMBER:
        return number_of(row, value, member, error);
    case OPTION_SECONDS:
        return seconds_of(value, member) == LCAP_OK
                   ? LCAP_OK
                   : wrong_value(row, "seconds (such as 10 or 0.5)", value, error);
    case OPTION_PERCENT:
        return percent_of(value, member) == LCAP_OK
                   ? LCAP_OK
                   : wrong_value(row, "percent (0 to 100, such as 5 or 0.5)", value, error);
    case OPTION_TIMEOUT:
        return timeout_of(value, member) == LCAP_OK
                   ? LCAP_OK
                   : wrong_value(row, "seconds (such as 60 or 0.5; 0 = never)", value, error);
    case OPTION_SHIFT:
        return shift_of(value, member) == LCAP_OK
                   ? LCAP_OK
                   : wrong_value(row, "seconds (such as 3600 or -3600)", value, error);
    case OPTION_CHOICE:
        return choose(row, value, member, error);
    case OPTION_LINKTYPE:
        return name_option(lcap_linktype_of_text(value, member, error), row, error);
    case OPTION_PARSED:
        return name_option(row->value.parse(member, value, error), row, error);
    case OPTION_HEADING:
    case OPTION_SYNONYM:
        break;
    }
    return LCAP_OK;
}

static int check_standard_input(char **operands, int count, struct lcap_error *error)
{
    int times = 0;
    for (int i = 0; i < count; i++)
        times += strcmp(operands[i], "-") == 0;
    return times < 2
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "-: standard input is given twice, but can be read only once");
}

static int check_operands(const struct command *command, char **operands, int count,
                          struct lcap_error *error)
{
    if (count == 0 && command->min_operands > 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no %s given", command->operands);
    if ((size_t)count < command->min_operands)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected %s, found only '%s'",
                              command->operands, operands[0]);
    if ((size_t)count > command->max_operands)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "unexpected argument '%s'",
                              operands[command->max_operands]);
    return command->ends_options ? LCAP_OK : check_standard_input(operands, count, error);
}

/* getopt_long() refuses an abbreviation only if several names begin with it. */
static bool is_ambiguous(const struct option_row *rows, const char *name, size_t len)
{
    for (; rows->name; rows++)
        if (rows->value.kind != OPTION_HEADING && strncmp(rows->name, name, len) == 0)
            return true;
    return false;
}

/* A long option that getopt_long() does not know. */
static int tell_unknown(const struct option_row *rows, const char *given, struct lcap_error *error)
{
    const char *name = given + 2;
    const size_t len = strcspn(name, "=");
    if (is_ambiguous(rows, name, len))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "option %s is ambiguous", given);
    struct spelling spelling = {.word = name, .len = len};
    for (const struct option_row *row = options_shown(rows); row; row = options_shown(row + 1))
        spelling_try(&spelling, row->name);
    spelling_try(&spelling, "help");
    if (!spelling.meant)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "unknown option %s", given);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "unknown option %s; did you mean --%s?", given,
                          spelling.meant);
}

/*
 * The option for which getopt_long() returned '?' or ':'; `given` is the argument
 * with a long option.
 */
static int tell_fault(const struct option_row *rows, int answer, const char *given,
                      struct lcap_error *error)
{
    const bool known = optopt >= FIRST_LONG || optopt == 'h'; /* by its long name */
    if (optopt == 0)
        return tell_unknown(rows, given, error);
    const char letter[] = {'-', (char)optopt, '\0'};
    const int len = known ? (int)strcspn(given, "=") : (int)strlen(letter);
    const char *name = known ? given : letter;
    if (answer == ':')
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "option %.*s needs an argument", len, name);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          known ? "option %.*s takes no argument" : "unknown option %.*s", len,
                          name);
}

/* The last one counts, as getopt's users know it; but who names two files or labels wants both. */
static void warn_if_replaced(const struct option_row *row, const char *value, const void *args,
                             options_warning *warn)
{
    if (row->value.kind != OPTION_TEXT)
        return;
    const char *before = *(const char *const *)((const char *)args + row->value.offset);
    if (strcmp(before, value) != 0)
        warn("--%s is given again; only '%s' counts", row->name, value);
}

/* Stores what getopt_long() found, and records that it was given. */
static int take(const struct command *command, int answer, void *args, struct options_given *given,
                options_warning *warn, struct lcap_error *error)
{
    const struct option_row *row = row_of(command->options, answer);
    const size_t index = (size_t)(row - command->options);
    if (given->rows[index])
        warn_if_replaced(row, optarg, args, warn);
    given->rows[index] = true;
    given->letters[index] = answer < FIRST_LONG;
    if (row->value.given)
        *(bool *)((char *)args + row->value.given) = true;
    return store(row, optarg ? optarg : row->value.preset, args, error);
}

static int next_option(const struct getopt_tables *tables, int argc, char **argv)
{
    return getopt_long(argc, argv, tables->letters, tables->longs, NULL);
}

enum options_outcome options_parse(const struct command *command, int argc, char **argv, void *args,
                                   int *first_operand, options_warning *warn,
                                   struct lcap_error *error)
{
    const struct getopt_tables tables = make_getopt_tables(command);
    struct options_given given = {0};
    opterr = 0;
    optind = 0; /* glibc: start anew */
    int answer, rc = LCAP_OK;
    while (rc == LCAP_OK && (answer = next_option(&tables, argc, argv)) != -1) {
        if (answer == 'h')
            return OPTIONS_HELP;
        rc = answer == '?' || answer == ':'
                 ? tell_fault(command->options, answer, argv[optind - 1], error)
                 : take(command, answer, args, &given, warn, error);
    }
    *first_operand = optind;
    given.operands = optind < argc;
    if (rc == LCAP_OK)
        rc = check_operands(command, argv + optind, argc - optind, error);
    if (rc == LCAP_OK)
        rc = option_relations_check(command, &given, error);
    return rc == LCAP_OK ? OPTIONS_RUN : OPTIONS_WRONG;
}

int options_walk(const struct command *command, int argc, char **argv, options_function *function,
                 void *context, struct lcap_error *error)
{
    const struct getopt_tables tables = make_getopt_tables(command);
    optind = 0;
    int answer, rc = LCAP_OK;
    while (rc == LCAP_OK && (answer = next_option(&tables, argc, argv)) != -1)
        rc = function(context, row_of(command->options, answer), optarg, error);
    return rc;
}
