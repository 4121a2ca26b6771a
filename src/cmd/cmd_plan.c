/* labelcap plan: prints a script that runs a command in shards. */
#include "base/memory.h"
#include "cmd/command_run.h"
#include "cmd/talk.h"
#include "commandline/option_help.h"
#include "commandline/options.h"
#include "dataset/catalogue/catalogue_schema.h"
#include "dataset/check/check_rules.h"
#include "dataset/shard/shard.h"
#include "label/rule_shards.h"
#include "shard/plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plan_args {
    uint64_t shards;
    const char *time, *mem, *partition;
    bool slurm, parallel;
};

#define ARGS struct plan_args

static const struct option_row rows[] = {
    {'n', "shards", "N", ARG_COUNT_TO(SHARDS_MAX, shards), "the number of shards"},
    {0, "slurm", NULL, ARG_FLAG(slurm), "run them as job arrays of Slurm (the default)"},
    {0, "parallel", NULL, ARG_FLAG(parallel), "run them by GNU parallel on this machine"},
    ROW_HEADING("For each Slurm job, as options of sbatch"),
    {0, "time", "TIME", ARG_TEXT(time), "time limit, such as 2:00:00"},
    {0, "mem", "SIZE", ARG_TEXT(mem), "memory, such as 2G"},
    {0, "partition", "NAME", ARG_TEXT(partition), "the partition that runs them"},
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "shards", NULL},
    {"parallel", EXCLUDES, "slurm|time|mem|partition", "a script is for GNU parallel or for Slurm"},
    {0},
};

extern const struct command cmd_merge;

/* The command that is to be divided, and what it is told. */
struct divided {
    const struct command *command;
    char **argv; /* its words, with the option --shard behind the first, as a shard has it */
    int argc;
    int first_operand;
    struct plan_option *options;
    struct plan *plan;
    char *catalogue;
    const char *rules; /* of label */
};

/* Every shard has it. */
static char shard_option[] = "--shard=0/1";

static bool has_option(const struct command *command, const char *name)
{
    return options_find(command->options, name, strlen(name));
}

static int take_option(void *context, const struct option_row *row, const char *value,
                       struct lcap_error *error)
{
    struct divided *divided = context;
    if (strcmp(row->name, "shard") == 0)
        return value == strchr(shard_option, '0')
                   ? LCAP_OK
                   : lcap_error_set(error, LCAP_ERR_ARGUMENT, "--shard is what plan adds");
    if (strcmp(row->name, "buckets") == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--buckets is what plan adds");
    if (strcmp(row->name, "count-packets") == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--count-packets is what plan adds");
    if (strcmp(row->name, "rules") == 0)
        divided->rules = value;
    if (strcmp(row->name, "output") == 0)
        divided->plan->output = value;
    divided->options[divided->plan->option_count++] = (struct plan_option){
        .name = row->name,
        .letter = row->letter,
        .value = value,
        .joins_value = row->argument && row->value.preset,
        .of_merge = has_option(&cmd_merge, row->name),
    };
    return LCAP_OK;
}

static int parse(struct divided *divided, void *args, struct lcap_error *error)
{
    const struct command *command = divided->command;
    switch (options_parse(command, divided->argc, divided->argv, args, &divided->first_operand,
                          talk_warning, error)) {
    case OPTIONS_HELP:
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "there is nothing to divide in --help");
    case OPTIONS_WRONG:
        return LCAP_ERR_ARGUMENT;
    case OPTIONS_RUN:
        break;
    }
    const int first = divided->first_operand;
    return command->check ? command->check(args, (const char *const *)divided->argv + first,
                                           (size_t)(divided->argc - first), error)
                          : LCAP_OK;
}

/* What is wrong is found here, not when a job has waited for its turn. */
static int check_words(struct divided *divided, struct lcap_error *error)
{
    void *args = command_new_args(divided->command, error);
    const int rc = args ? parse(divided, args, error) : LCAP_ERR_MEMORY;
    free(args);
    return rc < 0 ? lcap_error_prefix(error, "%s: ", divided->command->name) : rc;
}

/* A copy, for getopt_long() changes the order of words. */
static int copy_words(struct divided *divided, const char *const *words, size_t count,
                      struct lcap_error *error)
{
    divided->argv = memory_new(count + 2, sizeof *divided->argv, error);
    divided->options = memory_new(count + 1, sizeof *divided->options, error);
    if (!divided->argv || !divided->options)
        return LCAP_ERR_MEMORY;
    divided->argc = (int)count + 1;
    memcpy(divided->argv + 1, words, count * sizeof *words);
    divided->argv[0] = divided->argv[1];
    divided->argv[1] = shard_option;
    return LCAP_OK;
}

/* That of index has its name from the data set. */
static int name_catalogue(struct divided *divided, struct lcap_error *error)
{
    divided->catalogue = catalogue_path(divided->plan->operands[0], error);
    divided->plan->output = divided->catalogue;
    return divided->catalogue ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int take_words(struct divided *divided, const char *const *words, size_t count,
                      struct lcap_error *error)
{
    struct plan *plan = divided->plan;
    int rc = copy_words(divided, words, count, error);
    if (rc == LCAP_OK)
        rc = check_words(divided, error);
    if (rc == LCAP_OK)
        rc = options_walk(divided->command, divided->argc, divided->argv, take_option, divided,
                          error);
    if (rc < 0)
        return rc;
    plan->options = divided->options;
    plan->operands = (const char *const *)divided->argv + divided->first_operand;
    plan->operand_count = (size_t)(divided->argc - divided->first_operand);
    return has_option(divided->command, "output") ? LCAP_OK : name_catalogue(divided, error);
}

static int look_at_label_rules(struct divided *divided, struct lcap_error *error)
{
    struct lcap_rules *rules = NULL;
    int rc = lcap_rules_load(&rules, divided->rules, NULL, 0, error);
    if (rc == LCAP_OK) {
        divided->plan->counts_packets = rules_number_packets(rules);
        divided->plan->needs_flows = rules_need_flows(rules);
    }
    lcap_rules_free(rules);
    return rc;
}

/* Rules that are not there yet are taken to need no count. */
static int look_at_rules(struct divided *divided, struct lcap_error *error)
{
    struct lcap_error wrong = {0};
    if (!divided->rules)
        return LCAP_OK;
    if (strcmp(divided->rules, "-") == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "every shard reads the rules, so they must be a file");
    const int rc =
        strcmp(divided->command->name, "label") == 0
            ? look_at_label_rules(divided, &wrong)
            : check_rules_need_inputs(divided->rules, &divided->plan->counts_packets, &wrong);
    if (rc != LCAP_ERR_IO)
        return lcap_error_copy(error, &wrong);
    talk_warning("%s: the script is for rules that need no count of packets and no flows",
                 wrong.text);
    return LCAP_OK;
}

static int print_script(const struct plan *plan, struct lcap_error *error)
{
    struct buffer script = {0};
    const int rc = plan_append_script(plan, &script, error);
    if (rc == LCAP_OK)
        fwrite(script.data, 1, script.len, stdout);
    buffer_release(&script);
    return rc;
}

static int run_plan(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    const struct plan_args *args = given;
    struct plan plan = {
        .engine = args->parallel ? PLAN_PARALLEL : PLAN_SLURM,
        .shards = (uint32_t)args->shards,
        .time = args->time,
        .mem = args->mem,
        .partition = args->partition,
        .command = operands[0],
    };
    struct divided divided = {.command = command_find(operands[0], error), .plan = &plan};
    int rc = divided.command ? plan_check_command(operands[0], error) : LCAP_ERR_ARGUMENT;
    if (rc == LCAP_OK)
        rc = take_words(&divided, operands, count, error);
    if (rc == LCAP_OK)
        rc = look_at_rules(&divided, error);
    if (rc == LCAP_OK)
        rc = print_script(&plan, error);
    free(divided.argv);
    free(divided.catalogue);
    free(divided.options);
    return rc == LCAP_ERR_ARGUMENT ? COMMAND_USAGE : rc;
}

const struct command cmd_plan = {
    .name = "plan",
    .summary = "print a script that runs a command in shards, on Slurm or by GNU parallel",
    .usage = "labelcap plan -n N [OPTION...] COMMAND [OPTION...] INPUT...",
    .operands = "COMMAND",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .completion = COMPLETE_COMMANDS,
    .ends_options = true,
    .details = "COMMAND is a command line without the word labelcap: what one process would be "
               "told. The script is for bash; it writes the parts of the shards into a directory "
               "beside the output, and merges them. Nothing is run by plan.",
    .example = "labelcap plan -n 64 label -L rules.csv -o labelled.pcapng captures/ > label.sh",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct plan_args),
    .run = run_plan,
};
