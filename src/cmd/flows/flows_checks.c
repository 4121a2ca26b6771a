/* Checks that the options of `flows` go together. */
#include "cmd/flows/flows_checks.h"

#include "base/text/text.h"
#include "cmd/command.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int flows_checks_usage(struct lcap_error *error, const char *text)
{
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s", text);
    return COMMAND_USAGE;
}

int flows_checks_options(const struct flows_args *args, struct lcap_error *error)
{
    if (args->unidirectional && args->bidirectional)
        return flows_checks_usage(error,
                                  "--unidirectional and --bidirectional contradict each other");
    if (args->columns && args->drop)
        return flows_checks_usage(error, "--columns and --drop: one of them is enough");
    if (args->per_input + args->per_sample + args->per_label + args->per_protocol > 1)
        return flows_checks_usage(error, "only one --per-… option can be followed");
    if (args->jobs > MOST_JOBS)
        return flows_checks_usage(error, "--jobs: expected 1 to 256");
    if (args->label &&
        text_utf8_valid_length(args->label, strlen(args->label)) != strlen(args->label))
        return flows_checks_usage(error, "--label: expected UTF-8");
    if (args->jobs > 1 && args->max_flows_in_memory)
        return flows_checks_usage(
            error, "--max-flows-in-memory bounds one flow table: not together with --jobs");
    if (args->join && (args->per_input || args->merge))
        return flows_checks_usage(
            error, "--join makes the inputs one capture: no --per-input and no --merge");
    if (args->packets > UINT16_MAX)
        return flows_checks_usage(error, "--packets: expected 1 to 65535");
    if (args->payload > UINT16_MAX)
        return flows_checks_usage(error, "--payload: expected 1 to 65535");
    return LCAP_OK;
}

static bool has_column(const struct flows_plan *plan, const char *name)
{
    const struct lcap_flow_options *flow = &plan->options.flow;
    const size_t count = lcap_profile_columns(flow->profile, flow->compat);
    for (size_t i = 0; i < count; i++)
        if (strcmp(lcap_profile_column(flow->profile, flow->compat, i)->name, name) == 0)
            return true;
    return false;
}

/* Without this check, options that only some profiles know would silently do nothing. */
int flows_checks_profile(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const bool json = tabulate_rows_are_json(&plan->options.flow);
    if (args->packets && !has_column(plan, "packet_lengths"))
        return flows_checks_usage(error, "--packets is for the profile labelcap");
    if (args->payload && !has_column(plan, "payload"))
        return flows_checks_usage(error, "--payload is for the profile labelcap");
    if (args->detail && !json)
        return flows_checks_usage(error, "--detail is for the profile pcap2json");
    if ((args->columns || args->drop || args->merge) && json)
        return flows_checks_usage(error,
                                  "the rows of pcap2json are JSON: they have no columns to choose");
    if (args->number_format && json)
        return flows_checks_usage(error,
                                  "--number-format: the rows of pcap2json have no real numbers");
    if (args->label && args->compat && plan->options.layout != LAYOUT_LABEL &&
        !has_column(plan, "label"))
        return flows_checks_usage(
            error, "--label: the original prints no label, and --compat prints what it "
                   "does (only --per-label would make use of it)");
    return LCAP_OK;
}

int flows_checks_output(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const struct table_class *format = plan->options.format;
    const bool to_stdout = !args->output || strcmp(args->output, "-") == 0;
    if (plan->options.layout != LAYOUT_ONE && to_stdout)
        return flows_checks_usage(error, "--per-… options need a directory for the files (-o DIR)");
    if (args->name && (plan->options.layout == LAYOUT_ONE || plan->options.layout == LAYOUT_INPUT))
        return flows_checks_usage(
            error, "--name is for --per-sample, --per-label, --per-protocol and --classes");
    if (to_stdout && !format->text)
        return flows_checks_usage(error, "formats that are not text need a file (-o FILE)");
    if (tabulate_rows_are_json(&plan->options.flow) && !format->json)
        return flows_checks_usage(error, "the rows of pcap2json are JSON: --format json or jsonl");
    if (args->rows_per_file && (to_stdout || plan->options.layout != LAYOUT_ONE))
        return flows_checks_usage(
            error, "--rows-per-file needs one file (-o FILE), without --per-… options");
    if (args->rows_per_file && args->xlsx_split)
        return flows_checks_usage(error, "--rows-per-file and --xlsx-split: one of them is enough");
    if (args->append && !format->appends)
        return flows_checks_usage(error, "--append is for sqlite");
    if (args->xlsx_split && !format->splits)
        return flows_checks_usage(error, "--xlsx-split is for xlsx");
    if (args->preview && plan->options.output && to_stdout)
        return flows_checks_usage(
            error, "the preview goes to standard output: the table needs a file (-o FILE)");
    if (!table_formats[args->format] && !to_stdout && table_name_is_packed_binary(args->output))
        return flows_checks_usage(
            error, "formats that are not text are not compressed again: leave out .gz and .zst");
    return LCAP_OK;
}

/* A directory of tables is created if it is missing. */
static int check_directory(const struct flows_plan *plan, struct lcap_error *error)
{
    const char *path = plan->options.output;
    struct stat st;
    if (plan->options.layout == LAYOUT_ONE || stat(path, &st) < 0 || S_ISDIR(st.st_mode))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: exists, and is no directory (--per-… options write into one)", path);
}

int flows_checks_places(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct output_place *places = plan->places;
    int rc = output_place_check_all(places, FLOWS_PLACES, error);
    if (rc < 0)
        return COMMAND_USAGE;
    for (size_t i = 1; i < FLOWS_PLACES && rc == LCAP_OK; i++)
        if (places[i].path)
            rc = sources_check_output(&plan->sources, places[i].path, error);
    return rc == LCAP_OK ? check_directory(plan, error) : rc;
}
