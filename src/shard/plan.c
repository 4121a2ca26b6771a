/* Writes the script of a run in shards. */
#include "shard/plan.h"

#include "base/io/target.h"
#include "base/memory.h"
#include "base/text/shell_word.h"
#include "capture/capture_name.h"
#include "dataset/shard/shard.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which jobs a command needs ---- */

#define STEPS_MAX 4

/* An array job with a task for each shard; it begins when the one before has ended. */
struct plan_step {
    const char *name;   /* of the job, and of its function in the script; NULL: no more steps */
    const char *words;  /* besides those of the command, or NULL */
    const char *proves; /* no array, but one task: it runs those of that step again that have
                           guessed wrong; or NULL */
};

/* When the last step has ended, the parts are merged. */
struct plan_kind {
    const char *command;
    bool guesses;   /* where shards begin: see shard_run.h */
    bool is_beside; /* it takes no output: parts are beside its catalogue, and only logs are not */
    const char *output_with; /* merge writes an output if this option is given, or else prints;
                                NULL: in any case */
    struct plan_step steps[STEPS_MAX + 1];
};

static const struct plan_kind kinds[] = {
    {.command = "label", .guesses = true, .steps = {{.name = "shard"}}},
    {.command = "sort", .guesses = true, .steps = {{.name = "shard"}}},
    {.command = "check", .guesses = true, .output_with = "splits", .steps = {{.name = "shard"}}},
    {.command = "index", .guesses = true, .is_beside = true, .steps = {{.name = "shard"}}},
    {.command = "arrays", .guesses = true, .steps = {{.name = "shard"}}},
    {.command = "flows",
     .steps = {{.name = "buckets", .words = "--buckets=write"},
               {.name = "prove", .proves = "buckets"},
               {.name = "shard", .words = "--buckets=read"}}},
    {0},
};

/* When rules need packets counted; no shard guesses where others have counted. */
static const struct plan_kind counting[] = {
    {.command = "label",
     .steps = {{.name = "count", .words = "--count-packets"},
               {.name = "prove", .proves = "count"},
               {.name = "shard"}}},
    {.command = "check",
     .output_with = "splits",
     .steps = {{.name = "count", .words = "--count-packets"},
               {.name = "prove", .proves = "count"},
               {.name = "shard"}}},
    {0},
};

/* Of label, when its rules ask for flows; then packets are numbered, too. */
static const struct plan_kind deciding = {
    .command = "label",
    .steps = {{.name = "buckets", .words = "--buckets=write"},
              {.name = "prove", .proves = "buckets"},
              {.name = "decide", .words = "--buckets=read"},
              {.name = "shard"}},
};

/* What only the output has: no shard is told of it. */
static const char *const merge_options[] = {"json", "stats-json", "stats", "level", NULL};

static bool is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

static const struct plan_kind *kind_of(const char *command, bool counts, struct lcap_error *error)
{
    char known[128] = "";
    for (const struct plan_kind *kind = counts ? counting : kinds; kind->command; kind++) {
        if (strcmp(kind->command, command) == 0)
            return kind;
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", kind->command);
    }
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s cannot be divided into shards; these can: %s",
                   command, known);
    return NULL;
}

int plan_check_command(const char *command, struct lcap_error *error)
{
    return kind_of(command, false, error) ? LCAP_OK : LCAP_ERR_ARGUMENT;
}

/* ---- names ---- */

/* Without slashes at the end: an output may be a directory. */
static size_t whole_name(const char *output)
{
    size_t len = strlen(output);
    while (len > 1 && output[len - 1] == '/')
        len--;
    return len;
}

static const char *last_name(const char *output)
{
    const char *name = output + whole_name(output);
    while (name > output && name[-1] != '/')
        name--;
    return name;
}

/* The part of the first shard is "month.0-of-8.pcapng": sets *stem to the length of "month". */
static int name_part(const struct plan *plan, const char *output, char **part, size_t *stem,
                     struct lcap_error *error)
{
    const struct shard first = {.number = 0, .count = plan->shards};
    const int rc = shard_part_path(first, plan->command, output, part, error);
    if (rc < 0)
        return rc;
    *stem = (size_t)(strrchr(*part, '.') - *part);
    while ((*part)[*stem - 1] != '.')
        --*stem;
    --*stem;
    return LCAP_OK;
}

/* ---- a script ---- */

/* Its first error stays. */
struct script {
    const struct plan *plan;
    const struct plan_kind *kind;
    struct buffer *text;
    struct lcap_error *error;
    int rc;
};

static void say(struct script *script, const char *text)
{
    if (script->rc == LCAP_OK)
        script->rc = buffer_append_text(script->text, text, script->error);
}

LCAP_PRINTF(2, 3) static void say_short(struct script *script, const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    say(script, text);
}

static void say_word(struct script *script, const char *before, const char *word)
{
    say(script, before);
    if (script->rc == LCAP_OK)
        script->rc = shell_append_word(script->text, word, script->error);
}

/* The first `len` bytes of a name, and what follows it. */
static void say_name(struct script *script, const char *before, const char *name, size_t len,
                     const char *after)
{
    struct buffer word = {0};
    if (script->rc == LCAP_OK)
        script->rc = buffer_append(&word, name, len, script->error);
    if (script->rc == LCAP_OK)
        script->rc = buffer_printf(&word, script->error, "%s%c", after, '\0');
    if (script->rc == LCAP_OK)
        say_word(script, before, (const char *)word.data);
    buffer_release(&word);
}

/* ---- the commands ---- */

static void say_option(struct script *script, const struct plan_option *option)
{
    if (option->letter && !option->joins_value)
        say_short(script, " -%c", option->letter);
    else
        say_short(script, " --%s", option->name);
    if (option->value)
        say_word(script, option->joins_value ? "=" : " ", option->value);
}

static void say_shard_option(struct script *script, const struct plan_option *option)
{
    if (strcmp(option->name, "output") == 0)
        say_word(script, " -o \"$parts\"/", last_name(script->plan->output));
    else if (!is_among(option->name, merge_options))
        say_option(script, option);
}

static void say_operands(struct script *script)
{
    const struct plan *plan = script->plan;
    for (size_t i = 0; i < plan->operand_count; i++)
        if (plan->operands[i][0] == '-') {
            say(script, " --");
            break;
        }
    for (size_t i = 0; i < plan->operand_count; i++)
        say_word(script, " ", plan->operands[i]);
}

static void say_numbers(struct script *script)
{
    say_short(script, "{0..%u}", script->plan->shards - 1);
}

static void say_proof(struct script *script, const char *step)
{
    say(script, "    # A shard that has guessed its beginning wrong is run again; the others are "
                "done.\n"
                "    for number in ");
    say_numbers(script);
    say_short(script, "; do %s \"$number\"; done\n", step);
}

static void say_proving_step(struct script *script, const struct plan_step *step)
{
    say_short(script, "%s() {\n", step->name);
    say_proof(script, step->proves);
    say(script, "}\n\n");
}

static void say_step(struct script *script, const struct plan_step *step)
{
    const struct plan *plan = script->plan;
    say_short(script, "%s() { # NUMBER of the task, from 0\n    labelcap %s", step->name,
              plan->command);
    if (step->words)
        say_word(script, " ", step->words);
    say_short(script, " --shard \"$1/%u\"", plan->shards);
    for (size_t i = 0; i < plan->option_count; i++)
        say_shard_option(script, &plan->options[i]);
    say_operands(script);
    say(script, "\n}\n\n");
}

/* Where the parts are. */
static const char *folder_of(const struct script *script)
{
    if (!script->kind->is_beside)
        return " \"$parts\"/";
    return script->plan->output[0] == '-' ? " ./" : " ";
}

/* "month.{0..7}-of-8.pcapng" */
static void say_parts(struct script *script)
{
    const char *output = script->plan->output;
    char *part = NULL;
    size_t stem = 0;
    if (script->rc == LCAP_OK)
        script->rc = name_part(script->plan, script->kind->is_beside ? output : last_name(output),
                               &part, &stem, script->error);
    if (script->rc == LCAP_OK) {
        say_name(script, folder_of(script), part, stem, ".");
        say_numbers(script);
        say(script, part + stem + strlen(".0"));
    }
    free(part);
}

static bool has_option(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->option_count; i++)
        if (strcmp(plan->options[i].name, name) == 0)
            return true;
    return false;
}

static bool goes_to_merge(const struct script *script, const struct plan_option *option)
{
    const char *output_with = script->kind->output_with;
    return option->of_merge && (strcmp(option->name, "output") != 0 || !output_with ||
                                has_option(script->plan, output_with));
}

static void say_merge(struct script *script)
{
    const struct plan *plan = script->plan;
    say(script, "merge() {\n");
    if (script->kind->guesses)
        say_proof(script, script->kind->steps[0].name);
    say(script, "    labelcap merge");
    if (script->kind->is_beside)
        say_word(script, " -o ", plan->output);
    for (size_t i = 0; i < plan->option_count; i++)
        if (goes_to_merge(script, &plan->options[i]))
            say_option(script, &plan->options[i]);
    say_parts(script);
    say(script, "\n}\n\n");
}

/* ---- Slurm ---- */

static void say_directive(struct script *script, const char *name, const char *value)
{
    if (!value)
        return;
    say_short(script, "#SBATCH --%s=", name);
    say(script, value);
    say(script, "\n");
}

static void say_slurm_head(struct script *script)
{
    const struct plan *plan = script->plan;
    say_directive(script, "time", plan->time);
    say_directive(script, "mem", plan->mem);
    say_directive(script, "partition", plan->partition);
    say_short(script,
              "#\n"
              "# Runs labelcap %s in %u shards on Slurm, and merges their parts.\n"
              "# Save this as a file, change what you like, and start it in the directory from\n"
              "# which its names of files hold:\n"
              "#\n"
              "#   bash FILE                     submits all jobs\n",
              plan->command, plan->shards);
    for (const struct plan_step *step = script->kind->steps; step->name; step++)
        if (!step->proves)
            say_short(script, "#   sbatch --array=I FILE %-8sruns task I alone\n", step->name);
    say(script, "#   sbatch FILE merge             merges, when all tasks are done\n");
}

static void say_slurm_job(struct script *script, const char *name, const char *array,
                          const char *dependency, const char *log)
{
    say_short(script,
              "    job=$(sbatch --parsable --job-name=%s-%s%s%s \\\n"
              "        --output=\"$logs\"/%s.log \"$0\" %s)\n"
              "    job=${job%%%%;*}\n"
              "    echo \"%s: job $job\"\n",
              script->plan->command, name, array, dependency, log, name, name);
}

static void say_slurm_start(struct script *script)
{
    static const char after[] =
        " \\\n        --dependency=afterok:\"$job\" --kill-on-invalid-dep=yes";
    char array[64], log[64];
    const struct plan_step *first = script->kind->steps;
    snprintf(array, sizeof array, " --array=0-%u", script->plan->shards - 1);
    say(script, "start() {\n"
                "    local job logs=${parts//%/%%} # Slurm reads %a as the number, %% as a %\n");
    for (const struct plan_step *step = first; step->name; step++) {
        snprintf(log, sizeof log, step->proves ? "%s" : "%s-%%a", step->name);
        say_slurm_job(script, step->name, step->proves ? "" : array, step == first ? "" : after,
                      log);
    }
    say_slurm_job(script, "merge", "", after, "merge");
    say(script, "}\n\n");
}

/* ---- GNU parallel ---- */

static void say_parallel_head(struct script *script)
{
    const struct plan *plan = script->plan;
    say_short(script,
              "#\n"
              "# Runs labelcap %s in %u shards by GNU parallel, as many at a time as there are\n"
              "# processors, and merges their parts. Save this as a file, change what you like,\n"
              "# and start it in the directory from which its names of files hold:\n"
              "#\n"
              "#   bash FILE             does everything\n",
              plan->command, plan->shards);
    for (const struct plan_step *step = script->kind->steps; step->name; step++)
        if (!step->proves)
            say_short(script, "#   bash FILE %s I%*sruns task I alone\n", step->name,
                      10 - (int)strlen(step->name), "");
    say(script, "#   bash FILE merge       merges, when all tasks are done\n");
}

static void say_parallel_start(struct script *script)
{
    say(script, "start() {\n"
                "    export parts\n");
    for (const struct plan_step *step = script->kind->steps; step->name; step++) {
        if (step->proves) {
            say_short(script, "    %s\n", step->name);
            continue;
        }
        say_short(script, "    export -f %s\n    parallel %s ::: ", step->name, step->name);
        say_numbers(script);
        say(script, "\n");
    }
    say(script, "    merge\n}\n\n");
}

/* ---- the whole ---- */

struct engine {
    void (*say_head)(struct script *script);
    void (*say_start)(struct script *script);
    const char *task; /* the number of a task that is started alone */
};

static const struct engine engines[] = {
    [PLAN_SLURM] = {say_slurm_head, say_slurm_start, "$SLURM_ARRAY_TASK_ID"},
    [PLAN_PARALLEL] = {say_parallel_head, say_parallel_start, "$2"},
};

/* A name that begins with a dash is no option in a path. */
static void say_folder(struct script *script)
{
    const char *output = script->plan->output;
    size_t stem = capture_name_stem(output);
    if (stem > whole_name(output))
        stem = whole_name(output);
    say_name(script, output[0] == '-' ? "parts=./" : "parts=", output, stem, ".parts");
    say(script, "\nmkdir -p \"$parts\"\n\n");
}

static void say_choice(struct script *script, const struct engine *engine)
{
    say(script, "case ${1-start} in\nstart) start ;;\nmerge) merge ;;\n");
    for (const struct plan_step *step = script->kind->steps; step->name; step++)
        say_short(script, step->proves ? "%s) %s ;;\n" : "%s) %s \"%s\" ;;\n", step->name,
                  step->name, engine->task);
    say(script, "esac\n");
}

static void say_all(struct script *script)
{
    const struct engine *engine = &engines[script->plan->engine];
    say(script, "#!/bin/bash\n");
    engine->say_head(script);
    say(script, "#\n"
                "# A task that is done is not done again: after a failure, all may be run "
                "again.\n"
                "set -eu\n\n");
    say_folder(script);
    for (const struct plan_step *step = script->kind->steps; step->name; step++)
        (step->proves ? say_proving_step : say_step)(script, step);
    say_merge(script);
    engine->say_start(script);
    say_choice(script, engine);
}

/* ---- what can be planned ---- */

/* A comment of the script, which sbatch reads by rules of its own. */
static int check_value(const char *option, const char *value, struct lcap_error *error)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "+,-.:_";
    if (!value || (*value && !value[strspn(value, plain)]))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--%s: expected letters, digits and +,-.:_ alone, found '%s'", option,
                          value);
}

static int check_names(const struct plan *plan, struct lcap_error *error)
{
    if (!plan->output || target_is_stream(plan->output))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "shards write beside the output, so it must be a file");
    for (size_t i = 0; i < plan->operand_count; i++)
        if (strcmp(plan->operands[i], "-") == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "standard input cannot be divided into shards");
    return LCAP_OK;
}

int plan_append_script(const struct plan *plan, struct buffer *text, struct lcap_error *error)
{
    struct script script = {.plan = plan, .text = text, .error = error};
    script.kind =
        plan->needs_flows ? &deciding : kind_of(plan->command, plan->counts_packets, error);
    if (!script.kind)
        return LCAP_ERR_ARGUMENT;
    int rc = check_names(plan, error);
    if (rc == LCAP_OK)
        rc = check_value("time", plan->time, error);
    if (rc == LCAP_OK)
        rc = check_value("mem", plan->mem, error);
    if (rc == LCAP_OK)
        rc = check_value("partition", plan->partition, error);
    if (rc < 0)
        return rc;
    say_all(&script);
    return script.rc;
}
