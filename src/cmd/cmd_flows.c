/* labelcap flows: writes flows and their features. */
#include "cmd/flows/flows_args.h"
#include "cmd/flows/flows_describe.h"
#include "cmd/flows/flows_run.h"
#include "cmd/shared_options.h"
#include "table/table.h"

#define ARGS struct flows_args

static const char *const tunnel_choices[] = {"outer", "inner", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Columns"),
    {0, "profile", "NAME", ARG_NAME(profile, COMPLETE_PROFILES),
     "set of features (labelcap); see --list-profiles"},
    {0, "compat", NULL, ARG_FLAG(compat), "print exactly what the original tool prints"},
    {0, "columns", "LIST", ARG_TEXT(columns), "only these columns (A,B,…), in this order"},
    {0, "drop", "LIST", ARG_TEXT(drop), "all columns except these"},
    {0, "packets", "N", ARG_COUNT_TO(UINT16_MAX, packets),
     "add the first N packets of each flow as series"},
    {0, "payload", "N", ARG_COUNT_TO(UINT16_MAX, payload),
     "add the first N payload bytes of each flow"},
    {'m', "detail", NULL, ARG_FLAG(detail), "pcap2json: headers and payload, not whole packets"},
    {0, "merge", NULL, ARG_FLAG(merge), "add the column source_file"},
    {0, "number-format", "SPEC", ARG_TEXT(number_format),
     "real numbers as .4f, .17g, … (shortest exact form)"},
    {0, "list-profiles", NULL, ARG_FLAG(list_profiles), "list the profiles"},
    {0, "describe", "NAME", ARG_NAME(describe, COMPLETE_PROFILES),
     "describe the columns of a profile"},
    ROW_HEADING("Flows"),
    {0, "idle-timeout", "SECONDS", ARG_NOTED_TIMEOUT(idle_ns),
     "end a flow after this pause; 0 = never (60)"},
    {0, "active-timeout", "SECONDS", ARG_NOTED_TIMEOUT(active_ns),
     "cut a flow that lasts longer; 0 = never (0)"},
    {0, "unidirectional", NULL, ARG_FLAG(unidirectional), "make each direction a flow of its own"},
    {'s', "bidirectional", NULL, ARG_FLAG(bidirectional),
     "make both directions one flow (default except for pcap2json)"},
    {0, "tunnels", "WHICH", ARG_CHOICE(tunnels, tunnel_choices),
     "addresses of flows: outer or inner (outer)"},
    {0, "join", NULL, ARG_FLAG(join), "treat the inputs as one capture"},
    {0, "protocols", "LIST", ARG_TEXT(protocols), "only flows of tcp, udp, icmp, arp, dns (all)"},
    {0, "max-flows", "N", ARG_COUNT(max_flows), "only the N largest flows of each input"},
    ROW_HEADING("Labels"),
    {0, "label", "TEXT", ARG_TEXT(label), "metadata for packets without a label"},
    {'i', "classes", "DIR", ARG_TEXT(classes),
     "each directory in DIR is a class; its name is the metadata"},
    ROW_HEADING("Output"),
    {'o', "output", "FILE", ARG_TEXT(output),
     "table, or directory for --per-…; - is standard output (-)"},
    {0, "format", "FORMAT", ARG_NOTED_CHOICE(format, table_format_names),
     TABLE_FORMAT_LIST "or by the name of FILE, else csv"},
    {0, "csv-safe", NULL, ARG_FLAG(csv_safe),
     "csv, tsv: put ' before texts that spreadsheets take for formulas"},
    {0, "append", NULL, ARG_FLAG(append), "sqlite: append to an existing table"},
    {0, "xlsx-split", NULL, ARG_FLAG(xlsx_split),
     "xlsx: start another file when a sheet is full (1,048,576 rows)"},
    {0, "rows-per-file", "N", ARG_COUNT(rows_per_file),
     "start another file after N rows: FILE-2, FILE-3, …"},
    {0, "per-input", NULL, ARG_FLAG(per_input), "one file for each input"},
    {0, "per-sample", NULL, ARG_FLAG(per_sample), "one file for each sampleID"},
    {0, "per-label", NULL, ARG_FLAG(per_label), "one file for each class (metadata)"},
    {0, "per-protocol", NULL, ARG_FLAG(per_protocol), "one file for each protocol"},
    {'n', "name", "NAME", ARG_TEXT(name), "prefix of the names of these files (flows)"},
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_HEADING("Reports"),
    {0, "preview", "N", ARG_COUNT(preview),
     "show the first N flows as a table; without -o write nothing else"},
    {0, "report", "FILE", ARG_TEXT(report),
     "write counts, protocols, durations, sizes and the largest flows; FILE or directory"},
    ROWS_JSON,
    {'v', "verbose", NULL, ARG_FLAG(verbose), "report each input"},
    {0, "log-file", "FILE", ARG_TEXT(log_file), "also append the messages to FILE"},
    ROW_QUIET,
    ROW_HEADING("General"),
    {0, "config", "FILE", ARG_TEXT(config), "take settings from a NetFlowMeter configuration"},
    ROW_THREADS,
    {0, "max-flows-in-memory", "N", ARG_COUNT(max_flows_in_memory),
     "limit open flows; the longest idle one is written early (2000000)"},
    ROW_MEMORY("waiting rows (256M)"),
    ROW_TMPDIR("beside the output"),
    ROWS_READING,
    ROW_SYNONYM(0, "jobs", "threads"),
    {0},
};

#define LAYOUTS "per-input|per-sample|per-label|per-protocol"

static const struct option_relation relations[] = {
    {"list-profiles|describe", EXCLUDES, "list-profiles|describe", NULL},
    {"list-profiles|describe", EXCLUDES, "output|INPUT", "it only prints a page"},
    {"columns", EXCLUDES, "drop", NULL},
    {"csv-safe", EXCLUDES, "compat", "that prints exactly what the original prints"},
    {"unidirectional", EXCLUDES, "bidirectional", NULL},
    {"classes", EXCLUDES, "INPUT", "DIR is the input"},
    {"join", EXCLUDES, "per-input|merge", "--join makes the inputs one capture"},
    {LAYOUTS, EXCLUDES, LAYOUTS, NULL},
    {"name", NEEDS, "per-sample|per-label|per-protocol|classes", NULL},
    {"name", EXCLUDES, "per-input", "its files are named after the inputs"},
    {"rows-per-file", EXCLUDES, LAYOUTS "|xlsx-split", NULL},
    {"json", NEEDS, "output", "otherwise the rows go to standard output"},
    RELATION_JSON,
    {0},
};

static const struct flows_args defaults = {.memory = (uint64_t)256 << 20};

static int run_command(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct flows_args *args = given;
    if (args->list_profiles)
        return flows_list_profiles();
    return args->describe ? flows_describe(args->describe, error)
                          : flows_run(args, operands, count, error);
}

const struct command cmd_flows = {
    .name = "flows",
    .summary = "extract flows and features: CSV, JSON, JSON lines, XLSX, SQLite, Parquet",
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
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_command,
};
