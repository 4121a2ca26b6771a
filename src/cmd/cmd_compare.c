/* labelcap compare: compares two labellings of the same packets. */
#include "base/io/file.h"
#include "cmd/inputs.h"
#include "cmd/progress.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/compare/compare_result.h"
#include "dataset/result_file.h"

struct compare_args {
    const char *output;
    bool json;
    struct sorter_options sorter;
    struct reading_args reading;
    struct output_options placing;
};

#define ARGS struct compare_args

static const struct option_row rows[] = {
    ROW_OUTPUT("also write the figures of each label to a table"),
    ROW_JSON,
    ROW_MEMORY("matching, such as 256M (1G)"),
    ROW_TMPDIR("TMPDIR, or /var/tmp"),
    ROWS_READING,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static const struct compare_args defaults = {.sorter.memory = DEFAULT_MEMORY};

static int check_compare(const void *given, const char *const *operands, size_t count,
                         struct lcap_error *error)
{
    (void)operands, (void)count;
    const struct compare_args *args = given;
    return args->output ? result_file_check(args->output, error) : LCAP_OK;
}

static int try_output(const struct compare_args *args, const char *const *operands,
                      struct lcap_error *error)
{
    const int rc = args->output ? file_check_not_input(args->output, operands, 2, error) : LCAP_OK;
    return rc == 0 && args->output ? output_try(args->output, &args->placing, error) : rc;
}

static int show(const struct compare_args *args, const struct compare_pass_result *found,
                struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    compare_describe(found, &result);
    return show_on_stdout(&result, args->json, error);
}

static int run_compare(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    (void)count;
    const struct compare_args *args = given;
    const struct compare_pass_options options = {
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
    };
    struct compare_pass_result found;
    int rc = try_output(args, operands, error);
    if (rc < 0)
        return rc;
    rc = compare_pass_run(operands, &options, &found, error);
    progress_end();
    if (rc == 0 && args->output)
        rc = compare_write_table(&found, args->output, &args->placing, error);
    if (rc == 0)
        rc = show(args, &found, error);
    rc = inputs_status(rc, &found.inputs);
    compare_pass_release(&found);
    return rc;
}

const struct command cmd_compare = {
    .name = "compare",
    .summary = "compare two labellings of the same packets",
    .usage = "labelcap compare [OPTION...] TRUTH TEST",
    .operands = "TRUTH TEST",
    .min_operands = 2,
    .max_operands = 2,
    .details = "Packets match by content and time, not by their place in the files.",
    .example = "labelcap compare truth.pcapng test.pcapng",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .check = check_compare,
    .run = run_compare,
};
