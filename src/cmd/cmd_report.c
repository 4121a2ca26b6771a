/* labelcap report: shows a data set, as a web page or as text. */
#include "base/io/target.h"
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/progress.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/overview/overview_pass.h"
#include "publishing/report_page.h"
#include <stdint.h>

struct report_args {
    const char *rules, *splits, *output, *title;
    bool no_duplicates, json;
    struct sorter_options sorter;
    struct reading_args reading;
    struct output_options placing;
};

#define ARGS struct report_args

static const struct option_row rows[] = {
    ROW_OUTPUT("write a web page; without it, print text"),
    {0, "title", "TEXT", ARG_TEXT(title), "the title of the page (the name of the data set)"},
    {0, "rules", "RULES", ARG_TEXT(rules), "also compare sampleIDs and metadata with these rules"},
    {0, "splits", "DIR", ARG_TEXT(splits), "also show the lists of sampleIDs in DIR/*.csv"},
    {0, "no-duplicates", NULL, ARG_FLAG(no_duplicates), "do not look for duplicate packets"},
    ROW_JSON,
    ROW_MEMORY("duplicates and for leaks, each (1G)"),
    ROW_TMPDIR("TMPDIR, or /var/tmp"),
    ROWS_READING,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {"no-duplicates", EXCLUDES, "tmpdir", "it is for finding duplicates"},
    {"force|no-sync|title", NEEDS, "output", NULL},
    {0}};

static const struct report_args defaults = {.sorter.memory = DEFAULT_MEMORY};

static int write_page(const struct report_args *args, const char *operand,
                      const struct result *result, struct lcap_error *error)
{
    return args->title
               ? report_page_write(result, args->title, args->output, &args->placing, error)
               : report_page_of_dataset(result, operand, args->output, &args->placing, error);
}

static void note_page(const struct report_args *args, const struct result *result)
{
    char findings[COUNTED_TEXT];
    const size_t count = result->findings.count;
    talk_note("wrote a page to %s%s%s", target_name(args->output), count > 0 ? ", with " : "",
              count > 0 ? text_counted(count, "finding", findings) : "");
}

static int show(const struct report_args *args, const char *operand,
                const struct overview *overview, struct lcap_error *error)
{
    struct result result;
    int rc = LCAP_OK;
    result_begin(&result, error);
    overview_describe(overview, &result);
    if (args->output)
        rc = write_page(args, operand, &result, error);
    if (rc == LCAP_OK && args->output)
        note_page(args, &result);
    if (rc == LCAP_OK && (args->json || !args->output))
        return show_on_stdout(&result, args->json, error);
    result_release(&result);
    return rc;
}

static int look(const struct report_args *args, const char *operand, const struct sources *sources,
                struct lcap_error *error)
{
    struct check_pass_options options = {
        .rules = args->rules,
        .splits = args->splits,
        .leaks = {.memory = args->sorter.memory},
        .max_leak = -1,
        .short_names = true,
        .no_duplicates = args->no_duplicates,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    options.input.listener = NULL; /* the findings tell it */
    struct overview overview;
    if (args->output && check_pass_try_output(args->output, &options, error) < 0)
        return LCAP_ERR_ARGUMENT;
    int rc = overview_run(sources, &options, &overview, error);
    progress_end();
    if (rc == 0)
        rc = show(args, operand, &overview, error);
    overview_release(&overview);
    return rc;
}

static int run_report(const void *given, const char *const *operands, size_t count,
                      struct lcap_error *error)
{
    const struct report_args *args = given;
    struct sources sources = {0};
    int rc = inputs_list(&sources, operands, count, args->output, error);
    if (rc == 0 && args->output)
        rc = output_try(args->output, &args->placing, error);
    if (rc == 0)
        rc = look(args, operands[0], &sources, error);
    sources_release(&sources);
    return rc;
}

const struct command cmd_report = {
    .name = "report",
    .summary = "show a data set: a web page with pictures, or text",
    .usage = "labelcap report [-o PAGE.html] [OPTION...] DATASET...",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .details =
        "The page needs nothing but itself: it loads nothing, and can be sent or printed. "
        "It shows the labels, their packets over time, lengths, pauses, protocols, ports and "
        "addresses, and what 'labelcap check' finds.",
    .example = "labelcap report -o report.html sorted.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_report,
};
