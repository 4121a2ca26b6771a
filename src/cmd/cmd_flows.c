/* labelcap flows: captures to flows and their features. */
#include "cmd/flows_args.h"
#include "cmd/flows_describe.h"
#include "cmd/flows_run.h"
#include "cmd/shared_options.h"
#include "table/table.h"

#define ARG(member) offsetof(struct flows_args, member)

static const char *const tunnel_choices[] = {"outer", "inner", NULL};

static const struct option_row rows[] = {
    {'o', "output", "FILE", "table, or directory for --per-…; - is standard output (-)",
     OPTION_TEXT, ARG(output), NULL},
    {0, "format", "FORMAT", "csv, json, jsonl, xlsx, sqlite, text (by the name of FILE, or csv)",
     OPTION_CHOICE, ARG(format), table_format_names},
    {0, "profile", "NAME", "which features (labelcap); --list-profiles tells of all", OPTION_TEXT,
     ARG(profile), NULL},
    {0, "compat", NULL, "what the tool of that name prints, value for value", OPTION_FLAG,
     ARG(compat), NULL},
    {0, "columns", "LIST", "these columns (A,B,…), in this order", OPTION_TEXT, ARG(columns), NULL},
    {0, "drop", "LIST", "all columns but these", OPTION_TEXT, ARG(drop), NULL},
    {0, "packets", "N", "add the first N packets of each flow as sequences", OPTION_COUNT,
     ARG(packets), NULL},
    {0, "payload", "N", "add the first N bytes of payload of each flow", OPTION_COUNT, ARG(payload),
     NULL},
    {0, "number-format", "SPEC", "real numbers as .4f, .17g, … (fewest digits that are exact)",
     OPTION_TEXT, ARG(number_format), NULL},
    {0, "label", "TEXT", "metadata of packets that carry no label", OPTION_TEXT, ARG(label), NULL},
    {'i', "classes", "DIR", "the directories in DIR are classes: their names are labels",
     OPTION_TEXT, ARG(classes), NULL},
    {0, "idle-timeout", "SECONDS", "a flow ends after such a pause; 0 = never (60)", OPTION_TIMEOUT,
     ARG(idle_ns), NULL},
    {0, "active-timeout", "SECONDS", "a flow is cut when it lasts longer; 0 = never (0)",
     OPTION_TIMEOUT, ARG(active_ns), NULL},
    {0, "unidirectional", NULL, "each direction is a flow of its own", OPTION_FLAG,
     ARG(unidirectional), NULL},
    {'s', "bidirectional", NULL, "both directions are one flow (pcap2json: not by default)",
     OPTION_FLAG, ARG(bidirectional), NULL},
    {0, "tunnels", "WHICH", "flows of the outer or of the inner addresses (outer)", OPTION_CHOICE,
     ARG(tunnels), tunnel_choices},
    {'m', "detail", NULL, "pcap2json: header fields and payload of each packet", OPTION_FLAG,
     ARG(detail), NULL},
    {0, "join", NULL, "the inputs are one capture: flows go on from one to the next", OPTION_FLAG,
     ARG(join), NULL},
    {0, "protocols", "LIST", "only flows of tcp, udp, icmp, arp, dns; all (all)", OPTION_TEXT,
     ARG(protocols), NULL},
    {0, "max-flows", "N", "of each input only the N flows with most packets", OPTION_COUNT,
     ARG(max_flows), NULL},
    {0, "preview", "N", "show the first N flows as a table; without -o nothing else", OPTION_COUNT,
     ARG(preview), NULL},
    {0, "per-input", NULL, "a file for each input, in the directory -o", OPTION_FLAG,
     ARG(per_input), NULL},
    {0, "per-sample", NULL, "a file for each sampleID", OPTION_FLAG, ARG(per_sample), NULL},
    {0, "per-label", NULL, "a file for each label or class", OPTION_FLAG, ARG(per_label), NULL},
    {0, "per-protocol", NULL, "a file for each protocol", OPTION_FLAG, ARG(per_protocol), NULL},
    {'n', "name", "NAME", "what the names of those files begin with (flows)", OPTION_TEXT,
     ARG(name), NULL},
    {0, "rows-per-file", "N", "go on in another file after N rows: FILE-2, FILE-3, …", OPTION_COUNT,
     ARG(rows_per_file), NULL},
    {0, "merge", NULL, "add a column source_file", OPTION_FLAG, ARG(merge), NULL},
    {0, "xlsx-split", NULL, "go on in another file where a sheet is full (1,048,576 rows)",
     OPTION_FLAG, ARG(xlsx_split), NULL},
    {0, "append", NULL, "sqlite: add to the table that is there", OPTION_FLAG, ARG(append), NULL},
    {0, "report", "FILE", "counts, protocols, durations, sizes, largest flows; FILE or directory",
     OPTION_TEXT, ARG(report), NULL},
    {0, "stats-json", "FILE", "what became of the packets, as JSON", OPTION_TEXT, ARG(stats_json),
     NULL},
    {0, "config", "FILE", "settings from a configuration file of NetFlowMeter", OPTION_TEXT,
     ARG(config), NULL},
    {'j', "jobs", "N", "threads (1); two for an input where there are enough", OPTION_COUNT,
     ARG(jobs), NULL},
    {0, "max-flows-in-memory", "N", "bound on open flows; the longest idle one has to go",
     OPTION_COUNT, ARG(max_flows_in_memory), NULL},
    {0, "memory", "SIZE", "memory for rows and contents that wait (256M)", OPTION_SIZE, ARG(memory),
     NULL},
    {0, "tmpdir", "DIR", "directory for what memory cannot hold (beside the output)", OPTION_TEXT,
     ARG(tmpdir), NULL},
    ROW_PCAPML_TIMES(struct flows_args),
    {0, "list-profiles", NULL, "print the profiles", OPTION_FLAG, ARG(list_profiles), NULL},
    {0, "describe", "NAME", "print the columns of a profile and their formulas", OPTION_TEXT,
     ARG(describe), NULL},
    ROW_FORCE(struct flows_args),
    ROW_QUIET(struct flows_args),
    {'v', "verbose", NULL, "tell of each input", OPTION_FLAG, ARG(verbose), NULL},
    {0, "log-file", "FILE", "write the messages into FILE too", OPTION_TEXT, ARG(log_file), NULL},
    OPTION_END,
};

static const struct flows_args defaults = {
    .format = TABLE_FORMATS,
    .idle_ns = TIMEOUT_OF_PROFILE,
    .active_ns = TIMEOUT_OF_PROFILE,
    .memory = (uint64_t)256 << 20,
};

/* What prints a page reads and writes nothing else. */
static int check_page(const struct flows_args *args, const char *const *operands, size_t count,
                      struct lcap_error *error)
{
    const char *option = args->describe ? "--describe" : "--list-profiles";
    if (args->describe && args->list_profiles)
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "--list-profiles and --describe: one of them is enough");
    else if (count)
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s takes no INPUT: '%s'", option, operands[0]);
    else if (args->output)
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s prints to standard output: no -o", option);
    else
        return LCAP_OK;
    return COMMAND_USAGE;
}

static int print_page(const struct flows_args *args, const char *const *operands, size_t count,
                      struct lcap_error *error)
{
    const int rc = check_page(args, operands, count, error);
    if (rc != LCAP_OK)
        return rc;
    return args->describe ? flows_describe(args->describe, error) : flows_list_profiles();
}

static int run_command(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct flows_args *args = given;
    if (args->list_profiles || args->describe)
        return print_page(args, operands, count, error);
    return flows_run(args, operands, count, error);
}

const struct command cmd_flows = {
    .name = "flows",
    .summary = "flows and their features: CSV, JSON, JSON lines, XLSX, SQLite",
    .usage = "labelcap flows [-o FILE] [OPTION...] INPUT...\n"
             "       labelcap flows --profile nexusflowmeter|netflowmeter|pcap2json [--compat] "
             "INPUT...\n"
             "       labelcap flows --list-profiles | --describe NAME",
    .operands = "INPUT",
    .min_operands = 0,
    .max_operands = SIZE_MAX,
    .details = "An INPUT is a capture, labelled or not, a directory, or - for standard input.\n"
               "A flow never holds packets of two samples; sampleID and metadata are columns\n"
               "of its row.",
    .example = "labelcap flows labelled.pcapng -o flows.csv",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_command,
};
