/* Checks that the values of the options of `flows` go together. */
#include "tabulate/flows/flows_checks.h"

#include "base/error_words.h"
#include "base/text/text.h"
#include <string.h>

struct check {
    bool fails;
    const char *fault;
};

#define CHECK_ALL(CHECKS, ERROR) check_all(CHECKS, sizeof(CHECKS) / sizeof *(CHECKS), ERROR)

static int check_all(const struct check *checks, size_t count, struct lcap_error *error)
{
    char room[LCAP_ERROR_TEXT];
    for (size_t i = 0; i < count; i++)
        if (checks[i].fails)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s",
                                  error_words(checks[i].fault, room));
    return LCAP_OK;
}

static bool is_utf8(const char *text)
{
    return text_utf8_valid_length(text, strlen(text)) == strlen(text);
}

int flows_checks_values(const struct flows_request *wanted, struct lcap_error *error)
{
    const struct check checks[] = {
        {wanted->label && !is_utf8(wanted->label), "--label: expected UTF-8"},
        {wanted->max_flows_in_memory && wanted->threads > 1,
         "--max-flows-in-memory cannot be used with several --threads: it limits one flow table"},
        /* The command line tells these by its table of relations; lcap_flows() has none. */
        {wanted->columns && wanted->drop, "--columns cannot be used with --drop"},
        {wanted->csv_safe && wanted->compat, "--csv-safe cannot be used with --compat"},
        {wanted->join && wanted->per_input, "--join cannot be used with --per-input"},
        {wanted->join && wanted->merge, "--join cannot be used with --merge"},
        {wanted->name && wanted->per_input, "--name cannot be used with --per-input"},
        {wanted->name && !wanted->per_sample && !wanted->per_label && !wanted->per_protocol &&
             !wanted->classes,
         "--name needs --per-sample, --per-label, --per-protocol or --classes"},
        {wanted->rows_per_file && wanted->xlsx_split,
         "--rows-per-file cannot be used with --xlsx-split"},
    };
    return CHECK_ALL(checks, error);
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

/* Without these checks, options that only some profiles know would silently do nothing. */
int flows_checks_profile(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const bool json = tabulate_rows_are_json(&plan->options.flow);
    const bool label_lost = wanted->label && wanted->compat && !has_column(plan, "label");
    const struct check checks[] = {
        {wanted->packets && !has_column(plan, "packet_lengths"),
         "--packets needs --profile labelcap"},
        {wanted->payload && !has_column(plan, "payload"), "--payload needs --profile labelcap"},
        {wanted->detail && !json, "--detail needs --profile pcap2json"},
        {json && (wanted->columns || wanted->drop || wanted->merge),
         "--columns, --drop and --merge cannot be used with --profile pcap2json: its rows are JSON "
         "and have no columns"},
        {json && wanted->number_format,
         "--number-format cannot be used with --profile pcap2json: its rows have no real numbers"},
        {label_lost && plan->options.layout != LAYOUT_CLASS,
         "--label with --compat needs --per-label: the original prints no label"},
    };
    return CHECK_ALL(checks, error);
}

int flows_checks_output(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const struct table_class *format = plan->options.format;
    const bool one = plan->options.layout == LAYOUT_ONE;
    const bool to_stdout = !wanted->output || strcmp(wanted->output, "-") == 0;
    const bool packed =
        !wanted->format_given && !to_stdout && table_name_is_packed_binary(wanted->output);
    const struct check checks[] = {
        {!one && to_stdout, "--per-… options need -o DIR"},
        {to_stdout && !format->text, "formats that are not text need -o FILE"},
        {!format->json && tabulate_rows_are_json(&plan->options.flow),
         "--profile pcap2json needs --format json or jsonl: its rows are JSON"},
        {wanted->rows_per_file && to_stdout, "--rows-per-file needs -o FILE"},
        {wanted->rows_per_file && !one, "--rows-per-file cannot be used with --per-… options"},
        {wanted->append && !format->appends, "--append needs --format sqlite"},
        {wanted->csv_safe && format != &table_csv && format != &table_tsv,
         "--csv-safe needs --format csv or tsv"},
        {wanted->xlsx_split && !format->splits, "--xlsx-split needs --format xlsx"},
        {packed, "formats that are not text cannot be compressed: leave out .gz and .zst"},
    };
    return CHECK_ALL(checks, error);
}

int flows_checks_shard(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const bool to_stdout = !wanted->output || strcmp(wanted->output, "-") == 0;
    const struct check checks[] = {
        {to_stdout, "--shard needs -o FILE: a part is written beside it"},
        {wanted->compat, "--shard cannot be used with --compat: the originals keep all flows of "
                         "an input in one table, whose order decides what they print"},
        {wanted->preview, "--shard cannot be used with --preview: rows are in order when the "
                          "parts are merged"},
        {wanted->samples, "shards cannot write the flows of some samples alone: parts are merged "
                          "without a list of them"},
        {wanted->report, "--shard cannot be used with --report: it is about all flows, of which a "
                         "shard has some"},
    };
    if (wanted->buckets && !wanted->shard.count)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--buckets needs --shard");
    return wanted->shard.count ? CHECK_ALL(checks, error) : LCAP_OK;
}
