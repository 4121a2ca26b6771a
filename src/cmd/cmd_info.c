/* labelcap info: shows what a capture holds. */
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/info_result.h"
#include <stdint.h>

struct info_args {
    bool samples, json;
    struct reading_args reading;
};

#define ARGS struct info_args

static const struct option_row rows[] = {
    {0, "samples", NULL, ARG_FLAG(samples), "also print a line for each sample"},
    ROW_JSON,
    ROWS_READING,
    ROW_THREADS,
    ROW_QUIET,
    {0},
};

static int show(const struct info_args *args, const struct info_pass_result *found,
                struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    info_describe(found, args->samples, &result);
    return show_on_stdout(&result, args->json, error);
}

static int show_sources(const struct info_args *args, const struct sources *sources,
                        struct lcap_error *error)
{
    const struct input_options options = inputs_options(&args->reading);
    struct info_pass_result result;
    int rc = info_pass_run(sources, &options, &result, error);
    if (rc == 0)
        rc = show(args, &result, error);
    rc = inputs_status(rc, &result.counts);
    info_pass_release(&result);
    return rc;
}

static int run_info(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    const struct info_args *args = given;
    struct sources sources = {0};
    int rc = inputs_list(&sources, operands, count, NULL, error);
    if (rc == 0)
        rc = show_sources(args, &sources, error);
    sources_release(&sources);
    return rc;
}

const struct command cmd_info = {
    .name = "info",
    .summary = "show what captures hold: interfaces, packets, labels, samples",
    .usage = "labelcap info [OPTION...] INPUT...",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .example = "labelcap info labelled.pcapng",
    .options = rows,
    .args_size = sizeof(struct info_args),
    .run = run_info,
};
