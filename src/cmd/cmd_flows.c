/* labelcap flows: writes flows and their features. */
#include "base/text/text.h"
#include "cmd/command_run.h"
#include "cmd/inputs.h"
#include "cmd/pipe_interrupt.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "features/profile.h"
#include "features/profile_page.h"
#include "table/table.h"
#include "tabulate/flows/flows_run.h"
#include "tabulate/flows/flows_shard.h"
#include "tabulate/tabulate_result.h"
#include <string.h>

struct flows_args {
    struct flows_request flows;
    const char *describe, *stats_json, *log_file;
    struct shard shard;
    struct reading_args reading;
    struct sorter_options sorter; /* of waiting rows */
    bool list_profiles, verbose;
    struct output_options placing;
};

#define ARGS struct flows_args

static const char *const tunnel_choices[] = {"outer", "inner", NULL};
static const char *const bucket_choices[] = {"none", "write", "read", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Columns"),
    {0, "profile", "NAME", ARG_NAME(flows.profile, COMPLETE_PROFILES),
     "set of features (labelcap); see --list-profiles"},
    {0, "compat", NULL, ARG_FLAG(flows.compat), "print exactly what the original tool prints"},
    {0, "columns", "LIST", ARG_TEXT(flows.columns), "only these columns (A,B,…), in this order"},
    {0, "drop", "LIST", ARG_TEXT(flows.drop), "all columns except these"},
    {0, "packets", "N", ARG_COUNT_TO(UINT16_MAX, flows.packets),
     "add the first N packets of each flow as series"},
    {0, "payload", "N", ARG_COUNT_TO(UINT16_MAX, flows.payload),
     "add the first N payload bytes of each flow"},
    {'m', "detail", NULL, ARG_FLAG(flows.detail),
     "pcap2json: headers and payload, not whole packets"},
    {0, "merge", NULL, ARG_FLAG(flows.merge), "add the column source_file"},
    {0, "number-format", "SPEC", ARG_TEXT(flows.number_format),
     "real numbers as .4f, .17g, … (shortest exact form)"},
    {0, "list-profiles", NULL, ARG_FLAG(list_profiles), "list the profiles"},
    {0, "describe", "NAME", ARG_NAME(describe, COMPLETE_PROFILES),
     "describe the columns of a profile"},
    ROW_HEADING("Flows"),
    {0, "idle-timeout", "SECONDS", ARG_NOTED_TIMEOUT(flows.idle_ns),
     "end a flow after this pause; 0 = never (60)"},
    {0, "active-timeout", "SECONDS", ARG_NOTED_TIMEOUT(flows.active_ns),
     "cut a flow that lasts longer; 0 = never (0)"},
    {0, "unidirectional", NULL, ARG_FLAG(flows.unidirectional),
     "make each direction a flow of its own"},
    {'s', "bidirectional", NULL, ARG_FLAG(flows.bidirectional),
     "make both directions one flow (default except for pcap2json)"},
    {0, "tunnels", "WHICH", ARG_CHOICE(flows.tunnels, tunnel_choices),
     "addresses of flows: outer or inner (outer)"},
    {0, "join", NULL, ARG_FLAG(flows.join), "treat the inputs as one capture"},
    {0, "protocols", "LIST", ARG_TEXT(flows.protocols),
     "only flows of tcp, udp, icmp, arp, dns (all)"},
    {0, "max-flows", "N", ARG_COUNT(flows.max_flows), "only the N largest flows of each input"},
    ROW_HEADING("Labels"),
    {0, "label", "TEXT", ARG_TEXT(flows.label), "metadata for packets without a label"},
    {'i', "classes", "DIR", ARG_TEXT(flows.classes),
     "each directory in DIR is a class; its name is the metadata"},
    ROW_HEADING("Output"),
    {'o', "output", "FILE", ARG_CHECKED(flows.output, outputs_check_name),
     "table, or directory for --per-…; - is standard output (-)"},
    {0, "format", "FORMAT", ARG_NOTED_CHOICE(flows.format, table_format_names),
     TABLE_FORMAT_LIST "or by the name of FILE, else csv"},
    {0, "csv-safe", NULL, ARG_FLAG(flows.csv_safe),
     "csv, tsv: put ' before texts that spreadsheets take for formulas"},
    {0, "append", NULL, ARG_FLAG(flows.append), "sqlite: append to an existing table"},
    {0, "xlsx-split", NULL, ARG_FLAG(flows.xlsx_split),
     "xlsx: start another file when a sheet is full (1,048,576 rows)"},
    {0, "rows-per-file", "N", ARG_COUNT(flows.rows_per_file),
     "start another file after N rows: FILE-2, FILE-3, …"},
    {0, "per-input", NULL, ARG_FLAG(flows.per_input), "one file for each input"},
    {0, "per-sample", NULL, ARG_FLAG(flows.per_sample), "one file for each sampleID"},
    {0, "per-label", NULL, ARG_FLAG(flows.per_label), "one file for each class (metadata)"},
    {0, "per-protocol", NULL, ARG_FLAG(flows.per_protocol), "one file for each protocol"},
    {'n', "name", "NAME", ARG_TEXT(flows.name), "prefix of the names of these files (flows)"},
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_HEADING("Shards"),
    ROW_SHARD,
    {0, "buckets", "WHAT", ARG_CHOICE(flows.buckets, bucket_choices),
     "of a shard: write packets by shard, or read them in place of the inputs (none)"},
    ROW_HEADING("Reports"),
    {0, "preview", "N", ARG_COUNT(flows.preview),
     "show the first N flows as a table; without -o write nothing else"},
    {0, "report", "FILE", ARG_TEXT(flows.report),
     "write counts, protocols, durations, sizes and the largest flows; FILE or directory"},
    ROWS_JSON,
    {'v', "verbose", NULL, ARG_FLAG(verbose), "report each input"},
    {0, "log-file", "FILE", ARG_CHECKED(log_file, outputs_check_name),
     "also append the messages to FILE"},
    ROW_QUIET,
    ROW_HEADING("General"),
    {0, "config", "FILE", ARG_TEXT(flows.config),
     "take settings from a NetFlowMeter configuration"},
    ROW_THREADS,
    {0, "max-flows-in-memory", "N", ARG_COUNT(flows.max_flows_in_memory),
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
    {"buckets", NEEDS, "shard", NULL},
    {"shard", EXCLUDES, "preview|report", "a shard has some of the flows"},
    {"shard", EXCLUDES, "compat", "the originals keep all flows of an input in one table"},
    {0},
};

static const struct flows_args defaults = {.sorter.memory = (uint64_t)256 << 20};

/* ---- pages about profiles ---- */

static int list_profiles(void)
{
    for (size_t i = 0; lcap_profile_at(i); i++) {
        const struct lcap_profile *profile = lcap_profile_at(i);
        const bool compat = lcap_profile_columns(profile, true) > 0;
        printf("%-16s %s%s\n", lcap_profile_name(profile), lcap_profile_summary(profile),
               compat ? " (--compat)" : "");
    }
    return LCAP_OK;
}

/* In Markdown, as in docs/profiles. */
static int describe(const char *name, struct lcap_error *error)
{
    const struct lcap_profile *profile = profile_named(name, error);
    struct buffer page = {0};
    if (!profile)
        return COMMAND_USAGE;
    const int rc = profile_page_append(&page, profile, error);
    if (rc == LCAP_OK)
        fwrite(page.data, 1, page.len, stdout);
    buffer_release(&page);
    return rc;
}

/* ---- the run ---- */

static void tell_in_full(void *nobody, const struct input_outcome *input)
{
    char packets[COUNTED_TEXT];
    inputs_tell(nobody, input);
    if (input->status != LCAP_ERR_FORMAT)
        talk_note("%s: %s", input->name, text_counted(input->packets, "packet", packets));
}

static struct flows_request request_of(const struct flows_args *args)
{
    struct flows_request wanted = args->flows;
    wanted.shard = args->shard;
    wanted.tmpdir = args->sorter.directory;
    wanted.memory = args->sorter.memory;
    wanted.threads = args->reading.threads;
    wanted.overwrite = args->placing.overwrite;
    wanted.no_sync = args->placing.no_sync;
    wanted.input = inputs_options(&args->reading);
    wanted.input.listener = args->verbose ? tell_in_full : inputs_tell;
    wanted.others[0] = show_json_place(args->stats_json);
    wanted.others[1] = (struct output_place){"--log-file", args->log_file};
    wanted.listed = inputs_announce;
    return wanted;
}

static int plan_run(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error)
{
    const struct flows_request wanted = request_of(args);
    *plan = (struct flows_plan){.input_count = 0};
    int rc = flows_plan_init(plan, &wanted, operands, count, error);
    if (rc == LCAP_ERR_ARGUMENT)
        return COMMAND_USAGE;
    if (rc == LCAP_OK)
        rc = flows_plan_list(plan, error);
    if (rc == LCAP_OK && flows_plan_check_places(plan, error) < 0)
        return COMMAND_USAGE;
    return rc == LCAP_OK ? flows_plan_check_inputs(plan, error) : rc;
}

/*
 * `| head`: who reads a table may stop, as with what is printed for people, unless a
 * file is written, too, which would end early.
 */
static bool is_read_no_more(const struct flows_plan *plan, const struct flows_args *args, int rc)
{
    const char *output = plan->options.output;
    return rc == LCAP_ERR_IO && (!output || strcmp(output, "-") == 0) && !plan->wanted.report &&
           !args->stats_json && command_is_read_no_more();
}

/* More columns than a person reads in lines that wrap. */
#define WIDE_TABLE 20

static void tell_of_wide_table(const struct flows_plan *plan)
{
    if (plan->options.for_terminal && plan->columns.count > WIDE_TABLE)
        talk_note("%zu columns: -o FILE writes them to a file, --preview 10 shows the main ones",
                  plan->columns.count);
}

static int show(const struct tabulate_result *done, struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    tabulate_describe(done, &result);
    return show_and_release(&result, error);
}

static int run_shard(struct flows_plan *plan, const struct flows_args *args,
                     struct lcap_error *error)
{
    struct tabulate_result done = {0};
    bool is_done;
    const int rc = flows_shard_run(plan, &done, &is_done, error);
    if (rc == LCAP_OK && is_done) {
        outputs_note_done(args->shard, plan->wanted.output);
        return LCAP_OK;
    }
    /* Damage is no failure of a shard: merge tells it. */
    return rc == LCAP_OK && plan->wanted.buckets != BUCKETS_WRITE ? show(&done, error) : rc;
}

static int run_plan(struct flows_plan *plan, const struct flows_args *args,
                    struct lcap_error *error)
{
    struct tabulate_result done = {0};
    int rc = show_open_json(args->stats_json, NULL, NULL, 0, &args->placing, error);
    if (rc == LCAP_OK)
        rc = flows_run(plan, &done, error);
    if (is_read_no_more(plan, args, rc))
        return LCAP_OK;
    if (rc == LCAP_OK)
        rc = show(&done, error);
    tell_of_wide_table(plan);
    return inputs_status(rc, &done.inputs);
}

static bool reads_standard_input(const struct flows_plan *plan)
{
    for (size_t i = 0; i < plan->sources.count; i++)
        if (strcmp(plan->sources.items[i].path, "-") == 0)
            return true;
    return false;
}

static int write_flows(const struct flows_args *args, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    struct flows_plan plan;
    int rc = show_check_shard(args->shard, args->stats_json, error);
    if (rc != LCAP_OK)
        return rc;
    rc = plan_run(&plan, args, operands, count, error);
    if (rc == LCAP_OK && args->log_file)
        rc = talk_log_to(args->log_file, error);
    if (rc == LCAP_OK && reads_standard_input(&plan))
        pipe_interrupt_waits();
    if (rc == LCAP_OK)
        rc = args->shard.count > 0 ? run_shard(&plan, args, error) : run_plan(&plan, args, error);
    flows_plan_release(&plan);
    return rc;
}

static int run_command(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct flows_args *args = given;
    if (args->list_profiles)
        return list_profiles();
    return args->describe ? describe(args->describe, error)
                          : write_flows(args, operands, count, error);
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
