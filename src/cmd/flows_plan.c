/* Checks the arguments of `flows` and decides what to do. */
#include "cmd/flows_plan.h"

#include "base/io/file.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "cmd/command.h"
#include "cmd/inputs.h"
#include "cmd/talk.h"
#include "features/profile.h"
#include "tabulate/flow_summary.h"
#include "tabulate/input_groups.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Default columns of a preview: the first ones identify the flow, and fit a terminal. */
enum { PREVIEW_COLUMNS = 10 };

static int usage(struct lcap_error *error, const char *text)
{
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s", text);
    return COMMAND_USAGE;
}

static int choose_profile(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const char *name = args->profile ? args->profile : lcap_profile_name(lcap_profile_at(0));
    const struct lcap_profile *profile = lcap_profile_find(name);
    if (!profile) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "no profile is called '%s' (labelcap flows --list-profiles)", name);
        return COMMAND_USAGE;
    }
    if (args->compat && lcap_profile_columns(profile, true) == 0) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "--compat needs a --profile that is named after another tool");
        return COMMAND_USAGE;
    }
    plan->options = lcap_flow_defaults(profile, args->compat);
    return LCAP_OK;
}

static int check_conflicts(const struct flows_args *args, struct lcap_error *error)
{
    if (args->unidirectional && args->bidirectional)
        return usage(error, "--unidirectional and --bidirectional contradict each other");
    if (args->columns && args->drop)
        return usage(error, "--columns and --drop: one of them is enough");
    if (args->per_input + args->per_sample + args->per_label + args->per_protocol > 1)
        return usage(error, "only one --per-… option can be followed");
    if (args->jobs > MOST_JOBS)
        return usage(error, "--jobs: expected 1 to 256");
    if (args->label &&
        text_utf8_valid_length(args->label, strlen(args->label)) != strlen(args->label))
        return usage(error, "--label: expected UTF-8");
    if (args->jobs > 1 && args->max_flows_in_memory)
        return usage(error,
                     "--max-flows-in-memory bounds one flow table: not together with --jobs");
    if (args->join && (args->per_input || args->merge))
        return usage(error, "--join makes the inputs one capture: no --per-input and no --merge");
    if (args->packets > UINT16_MAX)
        return usage(error, "--packets: expected 1 to 65535");
    if (args->payload > UINT16_MAX)
        return usage(error, "--payload: expected 1 to 65535");
    return LCAP_OK;
}

/* It may be needed late, or only with larger captures, but must work every time. */
static int try_tmpdir(const char *path, struct lcap_error *error)
{
    const int fd = tempfile_open_unnamed(path, error);
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? LCAP_OK : lcap_error_prefix(error, "--tmpdir: ");
}

/* What does not fit into memory goes beside the output. */
static int choose_tmpdir(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const bool to_stdout = !args->output || strcmp(args->output, "-") == 0;
    const char *directory = args->tmpdir;
    if (!directory && to_stdout)
        directory = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    if (!directory && plan->layout != LAYOUT_ONE)
        directory = args->output;
    plan->tmpdir = directory ? memory_copy_text(directory, strlen(directory), error)
                             : tempfile_directory_of(args->output, error);
    plan->options.tmpdir = plan->tmpdir;
    if (!plan->tmpdir)
        return LCAP_ERR_MEMORY;
    return args->tmpdir ? try_tmpdir(args->tmpdir, error) : LCAP_OK;
}

static void fill_options(struct flows_plan *plan)
{
    const struct flows_args *args = &plan->args;
    struct lcap_flow_options *options = &plan->options;
    if (args->unidirectional || args->bidirectional)
        options->unidirectional = args->unidirectional;
    if (args->idle_ns != TIMEOUT_OF_PROFILE)
        options->idle_ns = args->idle_ns;
    if (args->active_ns != TIMEOUT_OF_PROFILE)
        options->active_ns = args->active_ns;
    options->inner_tunnels = args->tunnels == TUNNELS_INNER;
    options->detail = args->detail;
    options->max_flows = args->max_flows_in_memory;
    options->sequence_packets = (uint32_t)args->packets;
    options->payload_bytes = (uint32_t)args->payload;
    options->label = args->label;
    options->memory = args->memory;
}

static int choose_protocols(struct flows_plan *plan, struct lcap_error *error)
{
    static const struct {
        const char *name;
        unsigned bit;
    } protocols[] = {{"tcp", PROTOCOL_TCP}, {"udp", PROTOCOL_UDP}, {"icmp", PROTOCOL_ICMP},
                     {"arp", PROTOCOL_ARP}, {"dns", PROTOCOL_DNS}, {"all", PROTOCOL_ALL}};
    const char *at = plan->args.protocols ? plan->args.protocols : "all";
    while (*at) {
        const size_t len = strcspn(at, ",");
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
            if (strlen(protocols[i].name) == len && strncasecmp(protocols[i].name, at, len) == 0)
                bit = protocols[i].bit;
        if (!bit) {
            lcap_error_set(error, LCAP_ERR_ARGUMENT,
                           "--protocols: expected tcp, udp, icmp, arp, dns or all, found '%.*s'",
                           (int)len, at);
            return COMMAND_USAGE;
        }
        plan->protocols |= bit;
        at += len + (at[len] == ',');
    }
    return plan->protocols ? LCAP_OK : usage(error, "--protocols: expected at least one");
}

static enum flows_layout layout_of(const struct flows_args *args)
{
    if (args->per_input)
        return LAYOUT_INPUT;
    if (args->per_sample)
        return LAYOUT_SAMPLE;
    if (args->per_protocol)
        return LAYOUT_PROTOCOL;
    return args->per_label ? LAYOUT_LABEL : LAYOUT_ONE;
}

/* The rows of pcap2json are JSON, for which tables have no cells. */
static bool rows_are_json(const struct flows_plan *plan)
{
    const struct lcap_flow_options *o = &plan->options;
    return lcap_profile_columns(o->profile, o->compat) == 1 &&
           lcap_profile_column(o->profile, o->compat, 0)->kind == LCAP_CELL_JSON;
}

/* FILE.parquet would not be what its name says. */
static void note_unknown_ending(const char *path, bool json)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;
    if (name && strchr(name, '.') && !target_is_stream(path))
        talk_note("%s: is written as %s; --format or another ending chooses", path,
                  json ? "JSON lines" : "CSV");
}

static const struct table_class *choose_format(const struct flows_plan *plan)
{
    const struct flows_args *args = &plan->args;
    if (table_formats[args->format])
        return table_formats[args->format];
    const bool json = rows_are_json(plan);
    if (json && args->compat)
        return &table_jsonl; /* whatever the name, because pcap2json writes that */
    if (plan->layout != LAYOUT_ONE)
        return json ? &table_json : &table_csv;
    const struct table_class *named = args->output ? table_format_of_name(args->output) : NULL;
    if (named)
        return named;
    note_unknown_ending(args->output, json);
    return json ? &table_jsonl : &table_csv;
}

static int choose_schema(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    int rc = column_choice_make(&plan->columns, &plan->options, args, error);
    if (rc < 0)
        return rc;
    plan->schema = (struct table_schema){
        .columns = plan->columns.wanted,
        .cells = plan->columns.cells,
        .count = plan->columns.count,
        .format = choose_format(plan),
    };
    if (args->compat)
        plan->schema.dialect = &plan->options.profile->compat_dialect;
    plan->pandas = plan->schema.dialect && plan->schema.dialect->pandas_frame;
    plan->preview = plan->schema;
    if (!args->columns && plan->preview.count > PREVIEW_COLUMNS)
        plan->preview.count = PREVIEW_COLUMNS;
    plan->preview.format = rows_are_json(plan) ? &table_jsonl : &table_aligned;
    const char *spec = args->number_format;
    if (!spec && plan->schema.dialect)
        spec = plan->schema.dialect->number_format;
    if (spec)
        rc = number_format_parse(spec, &plan->schema.number_format, error);
    plan->preview.number_format = plan->schema.number_format;
    return rc;
}

static bool has_column(const struct flows_plan *plan, const char *name)
{
    const struct lcap_flow_options *o = &plan->options;
    const size_t count = lcap_profile_columns(o->profile, o->compat);
    for (size_t i = 0; i < count; i++)
        if (strcmp(lcap_profile_column(o->profile, o->compat, i)->name, name) == 0)
            return true;
    return false;
}

/* Without this check, options that only some profiles know would silently do nothing. */
static int check_profile(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    if (args->packets && !has_column(plan, "packet_lengths"))
        return usage(error, "--packets is for the profile labelcap");
    if (args->payload && !has_column(plan, "payload"))
        return usage(error, "--payload is for the profile labelcap");
    if (args->detail && !rows_are_json(plan))
        return usage(error, "--detail is for the profile pcap2json");
    if ((args->columns || args->drop || args->merge) && rows_are_json(plan))
        return usage(error, "the rows of pcap2json are JSON: they have no columns to choose");
    if (args->number_format && rows_are_json(plan))
        return usage(error, "--number-format: the rows of pcap2json have no real numbers");
    if (args->label && args->compat && plan->layout != LAYOUT_LABEL && !has_column(plan, "label"))
        return usage(error, "--label: the original prints no label, and --compat prints what it "
                            "does (only --per-label would make use of it)");
    return LCAP_OK;
}

/*
 * What the engine of the profile cannot do is wrong usage, and is reported
 * before anything is read.
 */
static int check_engine(const struct flows_plan *plan, struct lcap_error *error)
{
    struct lcap_extractor *extractor = NULL;
    const int rc = lcap_extractor_new(&extractor, &plan->options, NULL, NULL, error);
    lcap_extractor_free(extractor);
    return rc == LCAP_ERR_ARGUMENT ? COMMAND_USAGE : rc;
}

static int check_output(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const struct table_class *format = plan->schema.format;
    const bool to_stdout = !args->output || strcmp(args->output, "-") == 0;
    if (plan->layout != LAYOUT_ONE && to_stdout)
        return usage(error, "--per-… options need a directory for the files (-o DIR)");
    if (args->name && (plan->layout == LAYOUT_ONE || plan->layout == LAYOUT_INPUT))
        return usage(error,
                     "--name is for --per-sample, --per-label, --per-protocol and --classes");
    if (to_stdout && !format->text)
        return usage(error, "formats that are not text need a file (-o FILE)");
    if (rows_are_json(plan) && !format->json)
        return usage(error, "the rows of pcap2json are JSON: --format json or jsonl");
    if (args->rows_per_file && (to_stdout || plan->layout != LAYOUT_ONE))
        return usage(error, "--rows-per-file needs one file (-o FILE), without --per-… options");
    if (args->rows_per_file && args->xlsx_split)
        return usage(error, "--rows-per-file and --xlsx-split: one of them is enough");
    if (args->append && !format->appends)
        return usage(error, "--append is for sqlite");
    if (args->xlsx_split && !format->splits)
        return usage(error, "--xlsx-split is for xlsx");
    if (args->preview && plan->writes && to_stdout)
        return usage(error,
                     "the preview goes to standard output: the table needs a file (-o FILE)");
    if (!table_formats[args->format] && !to_stdout && table_name_is_packed_binary(args->output))
        return usage(error,
                     "formats that are not text are not compressed again: leave out .gz and .zst");
    return LCAP_OK;
}

/* What is written, and where; NULL if it is not written. */
struct destination {
    const char *what, *path;
};

/* The table first. */
enum { DESTINATIONS = 5 };

static void list_destinations(const struct flows_plan *plan, struct destination all[DESTINATIONS])
{
    const struct flows_args *args = &plan->args;
    const char *table = args->output ? args->output : "-";
    all[0] = (struct destination){"the table", plan->writes ? table : NULL};
    all[1] = (struct destination){"--report", (const char *)plan->report.data};
    all[2] = (struct destination){"--stats-json", args->stats_json};
    all[3] = (struct destination){"--log-file", args->log_file};
    all[4] = (struct destination){"--preview", args->preview ? "-" : NULL};
}

static int check_pair(struct destination a, struct destination b, struct lcap_error *error)
{
    if (!a.path || !b.path || !file_same_place(a.path, b.path))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %s and %s would both be written to it",
                          strcmp(a.path, "-") == 0 ? "standard output" : a.path, a.what, b.what);
}

static int check_is_no_input(const struct flows_plan *plan, const char *path,
                             struct lcap_error *error)
{
    struct file_identity output;
    if (!file_is_output_only(path, &output))
        return LCAP_OK;
    for (size_t i = 0; i < plan->sources.count; i++)
        if (file_identity_compare(plan->sources.items[i].identity, output) == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s is an input: it would be written over", path);
    return LCAP_OK;
}

int flows_plan_check_table(const struct flows_plan *plan, const char *path,
                           struct lcap_error *error)
{
    struct destination all[DESTINATIONS];
    int rc = LCAP_OK;
    list_destinations(plan, all);
    all[0].path = path;
    for (size_t i = 1; i < DESTINATIONS && rc == LCAP_OK; i++)
        rc = check_pair(all[0], all[i], error);
    return rc == LCAP_OK ? check_is_no_input(plan, path, error) : rc;
}

/* No output may replace another one, or an input. */
static int check_files(const struct flows_plan *plan, struct lcap_error *error)
{
    struct destination all[DESTINATIONS];
    int rc = LCAP_OK;
    list_destinations(plan, all);
    for (size_t i = 0; i < DESTINATIONS; i++)
        for (size_t j = i + 1; j < DESTINATIONS; j++)
            if (check_pair(all[i], all[j], error) < 0)
                return COMMAND_USAGE;
    for (size_t i = 1; i < DESTINATIONS && rc == LCAP_OK; i++)
        if (all[i].path)
            rc = check_is_no_input(plan, all[i].path, error);
    return rc;
}

const char *flows_plan_only_source(const struct flows_plan *plan)
{
    return plan->sources.count == 1 ? plan->sources.items[0].path : NULL;
}

static int list_inputs(struct flows_plan *plan, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const char *single = args->classes ? args->classes : plan->config.input;
    if (args->classes && count)
        return usage(error, "--classes DIR names the input: no others besides");
    if (!single && count == 0)
        return usage(error, "no INPUT given");
    if (count == 0) {
        operands = &single;
        count = 1;
    }
    const char *output = plan->layout == LAYOUT_ONE ? args->output : NULL;
    int rc = inputs_list(&plan->sources, operands, count, output, error);
    if (rc == LCAP_OK)
        rc = input_groups_make(plan, error);
    if (rc == LCAP_OK && args->report)
        rc = flow_summary_place(args->report, flows_plan_only_source(plan), &plan->report, error);
    return rc == LCAP_OK ? check_files(plan, error) : rc;
}

/* Settings of NetFlowMeter are for its profile. */
static int apply_config(struct flows_plan *plan, struct lcap_error *error)
{
    struct flows_args *args = &plan->args;
    if (!args->profile)
        args->profile = "netflowmeter";
    if (strcmp(args->profile, "netflowmeter") != 0)
        return usage(error, "--config is a configuration of NetFlowMeter: it goes with --profile "
                            "netflowmeter");
    return flows_config_apply(&plan->config, args, error);
}

int flows_plan_init(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error)
{
    *plan = (struct flows_plan){.args = *args};
    int rc = args->config ? apply_config(plan, error) : LCAP_OK;
    if (plan->args.jobs == 0)
        plan->args.jobs = 1;
    if (rc == LCAP_OK)
        rc = check_conflicts(&plan->args, error);
    if (rc == LCAP_OK)
        rc = choose_profile(plan, error);
    if (rc == LCAP_OK)
        rc = choose_protocols(plan, error);
    if (rc != LCAP_OK)
        return rc;
    /* Classes and an output directory mean one file per class. */
    plan->layout = layout_of(&plan->args);
    if (plan->args.classes && plan->args.name && plan->layout == LAYOUT_ONE)
        plan->layout = LAYOUT_LABEL;
    plan->writes = plan->args.output || plan->args.preview == 0;
    fill_options(plan);
    rc = check_profile(plan, error);
    if (rc == LCAP_OK)
        rc = choose_tmpdir(plan, error);
    if (rc == LCAP_OK)
        rc = check_engine(plan, error);
    if (rc == LCAP_OK)
        rc = choose_schema(plan, error);
    if (rc == LCAP_ERR_ARGUMENT)
        rc = COMMAND_USAGE;
    if (rc == LCAP_OK)
        rc = check_output(plan, error);
    if (rc == LCAP_OK)
        rc = list_inputs(plan, operands, count, error);
    return rc;
}

struct lcap_flow_options flows_plan_options(const struct flows_plan *plan,
                                            const struct input_group *stream)
{
    struct lcap_flow_options options = plan->options;
    options.label = stream->label;
    options.row_thread = plan->args.jobs >= 2 * plan->group_count;
    return options;
}

void flows_plan_release(struct flows_plan *plan)
{
    column_choice_release(&plan->columns);
    flows_config_release(&plan->config);
    sources_release(&plan->sources);
    input_groups_release(plan);
    buffer_release(&plan->report);
    free(plan->tmpdir);
}
