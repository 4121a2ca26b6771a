/* Command lines: what is stored, what is told of faults, and that all tables are sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/talk.h"
#include "commandline/option_relations.h"
#include "commandline/options.h"
#include "tabulate/flows/flows_plan.h"

/* The program's own list of commands. */
#define main program_main
int program_main(int argc, char **argv);
#include "main.c"
#undef main

struct try_args {
    const char *output, *device, *name;
    uint64_t memory, count, threads;
    int64_t idle_ns;
    double duration, pause;
    int order;
    bool idle_ns_given;
    bool sort, dry_run, quiet;
};

#define ARGS struct try_args

static const char *const orders[] = {"sample", "time", NULL};

static const struct option_row try_rows[] = {
    ROW_HEADING("Output"),
    {'o', "output", "FILE", ARG_TEXT(output), "where to"},
    {0, "dry-run", NULL, ARG_FLAG(dry_run), "nowhere"},
    {'s', "sort", NULL, ARG_FLAG(sort), "in order"},
    {0, "by", "ORDER", ARG_CHOICE(order, orders), "which order"},
    {0, "name", "NAME", ARG_TEXT(name), "a name"},
    ROW_HEADING("General"),
    {'d', "device", "IFACE", ARG_TEXT(device), "from where"},
    {0, "duration", "SECONDS", ARG_SECONDS(duration), "how long"},
    {0, "pause", "SECONDS", ARG_SECONDS_OR("0.25", pause), "how long between"},
    {0, "idle-timeout", "SECONDS", ARG_NOTED_TIMEOUT(idle_ns), "how long, too"},
    {'c', "count", "N", ARG_COUNT(count), "how many"},
    {'j', "threads", "N", ARG_COUNT_TO(256, threads), "by how many"},
    {0, "memory", "SIZE", ARG_SIZE(memory), "with how much"},
    {'q', "quiet", NULL, ARG_FLAG(quiet), "silently"},
    {'x', "nameless", NULL, ARG_PRESET(name, "-"), "the name that is none"},
    ROW_SYNONYM('W', "write", "output"),
    ROW_SYNONYM('O', "output-dir", "output"),
    ROW_SYNONYM(0, "jobs", "threads"),
    {0},
};

static const struct option_relation try_relations[] = {
    {NULL, NEEDS, "output|dry-run", NULL},
    {NULL, NEEDS, "INPUT|device", NULL},
    {"device", EXCLUDES, "INPUT", "one or the other"},
    {"count|duration", NEEDS, "device", NULL},
    {"name", NEEDS, "sort|by|device", "names are for those"},
    {"sort|by|quiet", EXCLUDES, "sort|by|quiet", NULL},
    {0},
};

static const struct command try = {
    .name = "try",
    .operands = "INPUT",
    .max_operands = 2,
    .options = try_rows,
    .relations = try_relations,
    .args_size = sizeof(struct try_args),
};

/* The words of a command line, parsed. */
struct parsed {
    enum options_outcome outcome;
    struct try_args args;
    char operand[64]; /* the first one */
    struct lcap_error error;
};

static struct parsed parse(const char *line)
{
    struct parsed parsed = {.args = {.threads = 1}};
    static char words[256];
    char name[] = "try", *argv[32] = {name}, *rest = words;
    int argc = 1, first = 0;
    assert_true(strlen(line) < sizeof words);
    strcpy(words, line);
    for (char *word; (word = strsep(&rest, " ")) && argc < 31;)
        if (*word)
            argv[argc++] = word;
    parsed.outcome =
        options_parse(&try, argc, argv, &parsed.args, &first, talk_warning, &parsed.error);
    if (parsed.outcome == OPTIONS_RUN && first < argc)
        snprintf(parsed.operand, sizeof parsed.operand, "%s", argv[first]);
    return parsed;
}

static void assert_refused(const char *line, const char *message)
{
    const struct parsed parsed = parse(line);
    assert_int_equal(parsed.outcome, OPTIONS_WRONG);
    assert_int_equal(parsed.error.code, LCAP_ERR_ARGUMENT);
    assert_string_equal(parsed.error.text, message);
}

static void every_kind_is_stored(void **state)
{
    (void)state;
    const struct parsed parsed = parse("-d lo --duration 0.5 -c 7 --threads=256 --memory 2k --by "
                                       "time --idle-timeout 0.25 --dry-run --name x");
    assert_int_equal(parsed.outcome, OPTIONS_RUN);
    assert_string_equal(parsed.args.device, "lo");
    assert_string_equal(parsed.args.name, "x");
    assert_true(parsed.args.duration == 0.5);
    assert_int_equal(parsed.args.count, 7);
    assert_int_equal(parsed.args.threads, 256);
    assert_int_equal(parsed.args.memory, 2048);
    assert_int_equal(parsed.args.order, 1);
    assert_int_equal(parsed.args.idle_ns, 250000000);
    assert_true(parsed.args.idle_ns_given);
    assert_true(parsed.args.dry_run);
    assert_false(parsed.args.sort || parsed.args.quiet);
    assert_null(parsed.args.output);
}

static void arguments_may_be_left_out(void **state)
{
    (void)state;
    assert_true(parse("-o x in").args.pause == 0);
    assert_true(parse("-o x --pause in").args.pause == 0.25);
    assert_string_equal(parse("-o x --pause in").operand, "in");
    assert_true(parse("-o x --pause=2 in").args.pause == 2);
    assert_refused("-o x --pause=no in",
                   "--pause: expected seconds (such as 10 or 0.5), found 'no'");
}

static void defaults_stay(void **state)
{
    (void)state;
    const struct parsed parsed = parse("-o x in");
    assert_int_equal(parsed.outcome, OPTIONS_RUN);
    assert_int_equal(parsed.args.threads, 1);
    assert_false(parsed.args.idle_ns_given);
    assert_string_equal(parsed.operand, "in");
}

static void synonyms_are_the_option(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-W x -j 3 in",    "--write x --jobs 3 in",
        "-Ox in --jo=3",   "--output-dir=x in --threads 3",
        "--out x -j3 in",  "--outp=x --th 3 in",
        "--writ x -j3 in",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct parsed parsed = parse(lines[i]);
        assert_int_equal(parsed.outcome, OPTIONS_RUN);
        assert_string_equal(parsed.args.output, "x");
        assert_int_equal(parsed.args.threads, 3);
    }
}

static void the_last_one_counts(void **state)
{
    (void)state;
    assert_string_equal(parse("-o x -s --name y -x in").args.name, "-");
    assert_string_equal(parse("-o x -s --nameless --name y in").args.name, "y");
    assert_string_equal(parse("-o x --write y in").args.output, "y");
    assert_string_equal(parse("--write y -o x in").args.output, "x");
}

static void help_comes_before_faults_behind_it(void **state)
{
    (void)state;
    assert_int_equal(parse("-h --nosuch").outcome, OPTIONS_HELP);
    assert_int_equal(parse("--help").outcome, OPTIONS_HELP);
    assert_int_equal(parse("-sh").outcome, OPTIONS_HELP);
}

static void needs_are_checked(void **state)
{
    (void)state;
    assert_refused("in", "no -o FILE or --dry-run given");
    assert_refused("-o x", "no INPUT or -d IFACE given");
    assert_refused("-o x -c 3 in", "-c needs -d IFACE");
    assert_refused("-o x --count 3 in", "--count needs -d IFACE");
    assert_refused("-o x --duration 3 in", "--duration needs -d IFACE");
    assert_refused("-o x --name y in",
                   "--name needs -s, --by ORDER or -d IFACE: names are for those");
    assert_int_equal(parse("-o x -d lo -c 3").outcome, OPTIONS_RUN);
    assert_int_equal(parse("-o x --name y --by sample in").outcome, OPTIONS_RUN);
}

/* The default value given is given all the same. */
static void a_default_is_given_too(void **state)
{
    (void)state;
    assert_refused("-o x --by sample -s in", "-s cannot be used with --by");
}

static void exclusions_are_checked(void **state)
{
    (void)state;
    assert_refused("-o x -d lo in", "-d cannot be used with INPUT: one or the other");
    assert_refused("-o x --device lo in", "--device cannot be used with INPUT: one or the other");
    assert_refused("-o x -q --sort in", "--sort cannot be used with -q");
    assert_int_equal(parse("-o x -s -s in").outcome, OPTIONS_RUN);
}

static void faults_are_told(void **state)
{
    (void)state;
    assert_refused("--memroy 1", "unknown option --memroy; did you mean --memory?");
    assert_refused("--dry_run", "unknown option --dry_run; did you mean --dry-run?");
    assert_refused("--helf", "unknown option --helf; did you mean --help?");
    assert_refused("--nosuch=1", "unknown option --nosuch=1");
    assert_refused("--jops 3", "unknown option --jops");
    assert_refused("-y", "unknown option -y");
    assert_refused("--nameless=1", "option --nameless takes no argument");
    assert_refused("--d lo", "option --d is ambiguous");
    assert_refused("--write", "option --write needs an argument");
    assert_refused("-sW", "option -W needs an argument");
    assert_refused("--sort=x", "option --sort takes no argument");
    assert_refused("--threads 257",
                   "--threads: expected a whole number from 1 to 256, found '257'");
    assert_refused("--jobs 0", "--threads: expected a whole number from 1 to 256, found '0'");
    assert_refused("-c 0", "--count: expected a whole number of at least 1, found '0'");
    assert_refused("--by size", "--by: expected one of sample, time, found 'size'");
    assert_refused("-o x a b c", "unexpected argument 'c'");
    assert_refused("--Output", "unknown option --Output; did you mean --output?");
}

/* ---- the tables of all commands ---- */

static void check_row(const struct command *command, const struct option_row *row)
{
    const struct option_row *meant = row;
    assert_ptr_equal(options_find(command->options, row->name, strlen(row->name)), row);
    for (const struct option_row *other = command->options; other < row; other++)
        assert_true(row->letter == 0 || other->letter != row->letter);
    assert_true(row->letter != 'h' && strcmp(row->name, "help") != 0);
    if (row->value.kind == OPTION_SYNONYM) {
        meant = options_find(command->options, row->help, strlen(row->help));
        assert_non_null(meant);
    } else if (row->value.kind != OPTION_HEADING) {
        assert_non_null(row->help);
        assert_int_equal(row->value.parse != NULL, row->value.kind == OPTION_PARSED);
        if (row->value.kind != OPTION_PARSED)
            assert_int_equal(row->argument == NULL,
                             row->value.kind == OPTION_FLAG || row->value.kind == OPTION_PRESET);
        if (row->value.kind != OPTION_TEXT)
            assert_int_equal(row->value.choices != NULL, row->value.kind == OPTION_CHOICE);
        assert_true(row->value.offset < command->args_size || command->args_size == 0);
        assert_true(row->value.given < command->args_size || command->args_size == 0);
    }
    assert_true(meant == row || meant->value.kind < OPTION_HEADING);
}

static void check_names(const struct command *command, const char *list)
{
    while (list && *list) {
        const size_t len = strcspn(list, "|");
        const struct option_row *row = options_find(command->options, list, len);
        assert_true(row ? row->value.kind < OPTION_HEADING
                        : strlen(command->operands) == len &&
                              strncmp(list, command->operands, len) == 0);
        list += len + (list[len] == '|');
    }
}

static void tables_of_commands_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i]; i++) {
        size_t rows = 0;
        for (const struct option_row *row = commands[i]->options; row->name; row++, rows++)
            check_row(commands[i], row);
        assert_true(rows < OPTION_ROWS_MAX);
        const struct option_relation *relation = commands[i]->relations;
        for (; relation && relation->others; relation++) {
            check_names(commands[i], relation->options);
            check_names(commands[i], relation->others);
            assert_true(relation->kind == NEEDS || relation->options);
        }
    }
}

static void commands_are_found(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    for (size_t i = 0; commands[i]; i++)
        assert_ptr_equal(command_find(commands[i]->name, &error), commands[i]);
    assert_null(command_find("lable", &error));
    assert_string_equal(error.text, "'lable' is not a command; did you mean label?");
    lcap_error_clear(&error);
    assert_null(command_find("telephone", &error));
    assert_string_equal(error.text, "'telephone' is not a command; 'labelcap help' lists them");
}

/* Sets the arguments of `flows` as they would come from its command line, and plans the run. */
static uint64_t planned_flows_in_memory(bool compat, uint64_t given)
{
    struct flows_request wanted = {.memory = (uint64_t)256 << 20};
    const char *const operands[] = {"-"};
    struct lcap_error error = {0};
    struct flows_plan plan;
    wanted.profile = "netflowmeter";
    wanted.compat = compat;
    wanted.max_flows_in_memory = given;
    assert_int_equal(flows_plan_init(&plan, &wanted, operands, 1, &error), 0);
    const uint64_t most = plan.options.flow.max_flows;
    flows_plan_release(&plan);
    return most;
}

static void open_flows_are_limited(void **state)
{
    (void)state;
    assert_int_equal(planned_flows_in_memory(false, 0), 2000000);
    assert_int_equal(planned_flows_in_memory(false, 7), 7);
    assert_int_equal(planned_flows_in_memory(true, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_stored),
        cmocka_unit_test(arguments_may_be_left_out),
        cmocka_unit_test(defaults_stay),
        cmocka_unit_test(synonyms_are_the_option),
        cmocka_unit_test(the_last_one_counts),
        cmocka_unit_test(help_comes_before_faults_behind_it),
        cmocka_unit_test(needs_are_checked),
        cmocka_unit_test(a_default_is_given_too),
        cmocka_unit_test(exclusions_are_checked),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(tables_of_commands_are_sound),
        cmocka_unit_test(commands_are_found),
        cmocka_unit_test(open_flows_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
