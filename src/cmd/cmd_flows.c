/* labelcap flows: captures to flows and their features. */
#include "cmd/flows_args.h"
#include "cmd/flows_describe.h"
#include "cmd/flows_run.h"
#include "cmd/shared_options.h"
#include "table/table.h"

#define ARGS struct flows_args

static const char *const tunnel_choices[] = {"outer", "inner", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Columns"),
    {0, "profile", "NAME", ARG_TEXT(profile),
     "which features (labelcap); --list-profiles tells of all"},
    {0, "compat", NULL, ARG_FLAG(compat), "what the tool of that name prints, value for value"},
    {0, "columns", "LIST", ARG_TEXT(columns), "these columns (A,B,…), in this order"},
    {0, "drop", "LIST", ARG_TEXT(drop), "all columns but these"},
    {0, "packets", "N", ARG_COUNT_TO(UINT16_MAX, packets),
     "add the first N packets of each flow as sequences"},
    {0, "payload", "N", ARG_COUNT_TO(UINT16_MAX, payload),
     "add the first N bytes of payload of each flow"},
    {'m', "detail", NULL, ARG_FLAG(detail), "pcap2json: header fields and payload of each packet"},
    {0, "merge", NULL, ARG_FLAG(merge), "add a column source_file"},
    {0, "number-format", "SPEC", ARG_TEXT(number_format),
     "real numbers as .4f, .17g, … (fewest digits that are exact)"},
    {0, "list-profiles", NULL, ARG_FLAG(list_profiles), "print the profiles"},
    {0, "describe", "NAME", ARG_TEXT(describe),
     "print the columns of a profile and their formulas"},
    ROW_HEADING("Flows"),
    {0, "idle-timeout", "SECONDS", ARG_TIMEOUT(idle_ns),
     "a flow ends after such a pause; 0 = never (60)"},
    {0, "active-timeout", "SECONDS", ARG_TIMEOUT(active_ns),
     "a flow is cut when it lasts longer; 0 = never (0)"},
    {0, "unidirectional", NULL, ARG_FLAG(unidirectional), "each direction is a flow of its own"},
    {'s', "bidirectional", NULL, ARG_FLAG(bidirectional),
     "both directions are one flow (pcap2json: not by default)"},
    {0, "tunnels", "WHICH", ARG_CHOICE(tunnels, tunnel_choices),
     "flows of the outer or of the inner addresses (outer)"},
    {0, "join", NULL, ARG_FLAG(join),
     "the inputs are one capture: flows go on from one to the next"},
    {0, "protocols", "LIST", ARG_TEXT(protocols),
     "only flows of tcp, udp, icmp, arp, dns; all (all)"},
    {0, "max-flows", "N", ARG_COUNT(max_flows), "of each input only the N flows with most packets"},
    ROW_HEADING("Labels"),
    {0, "label", "TEXT", ARG_TEXT(label), "metadata of packets that carry no label"},
    {'i', "classes", "DIR", ARG_TEXT(classes),
     "the directories in DIR are classes: their names are labels"},
    ROW_HEADING("Output"),
    {'o', "output", "FILE", ARG_TEXT(output),
     "table, or directory for --per-…; - is standard output (-)"},
    {0, "format", "FORMAT", ARG_CHOICE(format, table_format_names),
     "csv, json, jsonl, xlsx, sqlite, text (by the name of FILE, or csv)"},
    {0, "append", NULL, ARG_FLAG(append), "sqlite: add to the table that is there"},
    {0, "xlsx-split", NULL, ARG_FLAG(xlsx_split),
     "go on in another file where a sheet is full (1,048,576 rows)"},
    {0, "rows-per-file", "N", ARG_COUNT(rows_per_file),
     "go on in another file after N rows: FILE-2, FILE-3, …"},
    {0, "per-input", NULL, ARG_FLAG(per_input), "a file for each input, in the directory -o"},
    {0, "per-sample", NULL, ARG_FLAG(per_sample), "a file for each sampleID"},
    {0, "per-label", NULL, ARG_FLAG(per_label), "a file for each label or class"},
    {0, "per-protocol", NULL, ARG_FLAG(per_protocol), "a file for each protocol"},
    {'n', "name", "NAME", ARG_TEXT(name), "what the names of those files begin with (flows)"},
    ROW_FORCE,
    ROW_HEADING("Reports"),
    {0, "preview", "N", ARG_COUNT(preview),
     "show the first N flows as a table; without -o nothing else"},
    {0, "report", "FILE", ARG_TEXT(report),
     "counts, protocols, durations, sizes, largest flows; FILE or directory"},
    {0, "stats-json", "FILE", ARG_TEXT(stats_json), "what became of the packets, as JSON"},
    {'v', "verbose", NULL, ARG_FLAG(verbose), "tell of each input"},
    {0, "log-file", "FILE", ARG_TEXT(log_file), "write the messages into FILE too"},
    ROW_QUIET,
    ROW_HEADING("General"),
    {0, "config", "FILE", ARG_TEXT(config), "settings from a configuration file of NetFlowMeter"},
    {'j', "threads", "N", ARG_COUNT_TO(MOST_JOBS, jobs),
     "threads (1); two for an input where there are enough"},
    {0, "max-flows-in-memory", "N", ARG_COUNT(max_flows_in_memory),
     "bound on open flows; the longest idle one has to go"},
    {0, "memory", "SIZE", ARG_SIZE(memory), "memory for rows and contents that wait (256M)"},
    {0, "tmpdir", "DIR", ARG_TEXT(tmpdir),
     "directory for what memory cannot hold (beside the output)"},
    ROW_PCAPML_TIMES,
    ROW_SYNONYM(0, "jobs", "threads"),
    {0},
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
             "       labelcap flows --profile NAME [--compat] [OPTION...] INPUT...\n"
             "       labelcap flows --list-profiles | --describe NAME",
    .operands = "INPUT",
    .min_operands = 0,
    .max_operands = SIZE_MAX,
    .details = "An INPUT is a capture, labelled or not, a directory, or - for standard input. "
               "A flow never holds packets of two samples; sampleID and metadata are columns "
               "of its row.",
    .example = "labelcap flows labelled.pcapng -o flows.csv",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_command,
};
