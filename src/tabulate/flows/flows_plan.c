/* Makes the options of tabulate_run() from a request. */
#include "tabulate/flows/flows_plan.h"

#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/thread.h"
#include "dataset/source_order.h"
#include "features/profile.h"
#include "tabulate/flows/flows_checks.h"
#include "tabulate/flows/flows_report.h"
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int choose_profile(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const struct lcap_profile *profile = profile_named(wanted->profile, error);
    if (!profile)
        return LCAP_ERR_ARGUMENT;
    if (wanted->compat && lcap_profile_columns(profile, true) == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--compat needs a --profile named after another tool");
    plan->options.flow.size = sizeof plan->options.flow;
    lcap_flow_defaults(&plan->options.flow, profile, wanted->compat);
    return LCAP_OK;
}

static int choose_protocols(struct flows_plan *plan, struct lcap_error *error)
{
    static const struct {
        const char *name;
        unsigned bit;
    } protocols[] = {{"tcp", PROTOCOL_TCP}, {"udp", PROTOCOL_UDP}, {"icmp", PROTOCOL_ICMP},
                     {"arp", PROTOCOL_ARP}, {"dns", PROTOCOL_DNS}, {"all", PROTOCOL_ALL}};
    const char *at = plan->wanted.protocols ? plan->wanted.protocols : "all";
    while (*at) {
        const size_t len = strcspn(at, ",");
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
            if (strlen(protocols[i].name) == len && strncasecmp(protocols[i].name, at, len) == 0)
                bit = protocols[i].bit;
        if (!bit) {
            return lcap_error_set(
                error, LCAP_ERR_ARGUMENT,
                "--protocols: expected tcp, udp, icmp, arp, dns or all, found '%.*s'", (int)len,
                at);
        }
        plan->options.protocols |= bit;
        at += len + (at[len] == ',');
    }
    if (plan->options.protocols)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--protocols: expected at least one protocol");
}

static enum table_layout layout_of(const struct flows_request *wanted)
{
    if (wanted->per_input)
        return LAYOUT_INPUT;
    if (wanted->per_sample)
        return LAYOUT_SAMPLE;
    if (wanted->per_protocol)
        return LAYOUT_PROTOCOL;
    /* Classes and an output directory mean one file per class. */
    return wanted->per_label || (wanted->classes && wanted->name) ? LAYOUT_CLASS : LAYOUT_ONE;
}

/* About 2 GB: a flow of the profile labelcap takes about 1 KB. */
#define USUAL_FLOWS_IN_MEMORY 2000000

static void fill_flow_options(struct lcap_flow_options *flow, const struct flows_request *wanted)
{
    if (wanted->unidirectional || wanted->bidirectional)
        flow->unidirectional = wanted->unidirectional;
    if (wanted->idle_ns_given)
        flow->idle_ns = wanted->idle_ns;
    if (wanted->active_ns_given)
        flow->active_ns = wanted->active_ns;
    flow->inner_tunnels = wanted->tunnels == TUNNELS_INNER;
    flow->detail = wanted->detail;
    if (wanted->max_flows_in_memory)
        flow->max_flows = wanted->max_flows_in_memory;
    else if (!flow->compat)
        flow->max_flows = USUAL_FLOWS_IN_MEMORY;
    flow->sequence_packets = (uint32_t)wanted->packets;
    flow->payload_bytes = (uint32_t)wanted->payload;
    flow->metadata = wanted->label;
    flow->memory = wanted->memory;
    flow->tmpdir = wanted->tmpdir;
}

static void fill_options(struct flows_plan *plan)
{
    const struct flows_request *wanted = &plan->wanted;
    struct tabulate_options *options = &plan->options;
    const bool writes = wanted->output || wanted->preview == 0;
    fill_flow_options(&options->flow, wanted);
    options->sources = &plan->sources;
    options->inputs = wanted->input;
    options->inputs.threads = wanted->threads ? (unsigned)wanted->threads : thread_usual_count();
    options->join = wanted->join;
    options->classes = wanted->classes;
    options->samples = wanted->samples;
    options->max_flows = wanted->max_flows;
    options->columns = &plan->columns;
    options->number_format = wanted->number_format;
    options->output = writes && !wanted->output ? "-" : wanted->output;
    options->layout = layout_of(wanted);
    options->name = wanted->name;
    options->rows_per_file = wanted->rows_per_file;
    options->overwrite = wanted->overwrite;
    options->no_sync = wanted->no_sync;
    options->append = wanted->append;
    options->csv_safe = wanted->csv_safe;
    options->for_terminal =
        options->output && strcmp(options->output, "-") == 0 && isatty(STDOUT_FILENO);
    options->split = wanted->xlsx_split;
    options->others = plan->places + 1;
    options->other_count = FLOWS_PLACES - 1;
    options->jobs = wanted->max_flows_in_memory ? 1 : options->inputs.threads;
    /* Several inputs are spread over the threads. */
    if (plan->sources.count > 1 && !wanted->join)
        options->inputs.threads = 1;
}

/* It may be needed late, or only with larger captures, but must work every time. */
static int try_tmpdir(const char *path, struct lcap_error *error)
{
    const int fd = tempfile_open_unnamed(path, error);
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? LCAP_OK : lcap_error_prefix(error, "--tmpdir: ");
}

/* What the engine of the profile cannot do is reported before anything is read. */
static int check_engine(const struct flows_plan *plan, struct lcap_error *error)
{
    struct lcap_extractor *extractor = NULL;
    const int rc = lcap_extractor_new(&extractor, &plan->options.flow, NULL, NULL, error);
    lcap_extractor_free(extractor);
    return rc;
}

static int say_unknown_column(const struct flows_plan *plan, const struct column_fault *fault,
                              struct lcap_error *error)
{
    const struct lcap_flow_options *flow = &plan->options.flow;
    const char *profile = lcap_profile_name(flow->profile);
    const char *meant = profile_meant_column(flow, fault->name, fault->name_len);
    const int len = (int)fault->name_len;
    const int code = plan->wanted.drop_of_config ? LCAP_ERR_FORMAT : LCAP_ERR_ARGUMENT;
    if (meant)
        lcap_error_set(error, code, "profile %s has no column '%.*s'; did you mean %s?", profile,
                       len, fault->name, meant);
    else
        lcap_error_set(error, code,
                       "profile %s has no column '%.*s' (labelcap flows --describe %s lists them)",
                       profile, len, fault->name, profile);
    return plan->wanted.drop_of_config
               ? lcap_error_prefix(error, "%s: \"features_ignore_list\": ", plan->wanted.config)
               : code;
}

/* Reports the fault in terms of the command line. */
static int say_column_fault(const struct flows_plan *plan, const struct column_fault *fault,
                            struct lcap_error *error)
{
    const int len = (int)fault->name_len;
    if (fault->kind == COLUMN_NONE_LEFT)
        return LCAP_ERR_ARGUMENT;
    lcap_error_clear(error);
    if (fault->kind == COLUMN_UNKNOWN)
        return say_unknown_column(plan, fault, error);
    if (fault->kind == COLUMN_NAMED_TWICE)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--columns names '%.*s' twice", len,
                              fault->name);
    if (fault->kind == COLUMN_NEEDS_PACKETS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--columns names '%.*s', which needs --packets", len, fault->name);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--columns names '%.*s', which needs --payload",
                          len, fault->name);
}

static int choose_columns(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const struct column_request request = {
        .flow = &plan->options.flow,
        .names = wanted->columns,
        .drop = wanted->drop,
        .source_file = wanted->merge,
    };
    struct column_fault fault;
    const int rc = column_choice_make(&plan->columns, &request, &fault, error);
    return rc == LCAP_ERR_ARGUMENT ? say_column_fault(plan, &fault, error) : rc;
}

static bool has_ending(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strchr(slash ? slash + 1 : path, '.') && !target_is_stream(path);
}

static int say_unknown_ending(const char *path, struct lcap_error *error)
{
    struct buffer known = {0};
    int rc = table_list_suffixes(&known, error);
    if (rc == LCAP_OK)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: no format has this ending; expected %.*s, or --format", path,
                            (int)known.len, (const char *)known.data);
    buffer_release(&known);
    return rc;
}

/* FILE.parquet must be what its name says. */
static int choose_format_by_name(struct flows_plan *plan, bool json, struct lcap_error *error)
{
    const char *path = plan->wanted.output;
    const struct table_class *named = path ? table_format_of_name(path) : NULL;
    plan->options.format = named ? named : json ? &table_jsonl : &table_csv;
    return named || !path || !has_ending(path) || table_name_is_packed_binary(path)
               ? LCAP_OK
               : say_unknown_ending(path, error);
}

static int choose_format(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const bool json = tabulate_rows_are_json(&plan->options.flow);
    if (wanted->format_given)
        plan->options.format = table_formats[wanted->format];
    else if (json && wanted->compat)
        plan->options.format = &table_jsonl; /* whatever the name, because pcap2json writes that */
    else if (plan->options.layout != LAYOUT_ONE)
        plan->options.format = json ? &table_json : &table_csv;
    else
        return choose_format_by_name(plan, json, error);
    return LCAP_OK;
}

/* Unless columns were chosen, a preview has those that tell most. */
static void choose_preview(struct flows_plan *plan)
{
    const struct table_schema all = plan->preview;
    size_t count = 0;
    for (const char *const *name = plan->options.flow.profile->preview; *name; name++) {
        for (size_t i = 0; i < all.count; i++) {
            if (strcmp(all.columns[i]->name, *name) == 0) {
                plan->preview_columns[count] = all.columns[i];
                plan->preview_cells[count++] = all.cells[i];
            }
        }
    }
    if (count == 0)
        return;
    plan->preview.columns = plan->preview_columns;
    plan->preview.cells = plan->preview_cells;
    plan->preview.count = count;
}

static int choose_schema(struct flows_plan *plan, struct lcap_error *error)
{
    int rc = choose_columns(plan, error);
    if (rc == LCAP_OK)
        rc = choose_format(plan, error);
    if (rc == LCAP_OK)
        rc = tabulate_schema(&plan->options, &plan->preview, error);
    const bool json = tabulate_rows_are_json(&plan->options.flow);
    plan->preview.format = json ? &table_jsonl : &table_aligned;
    if (rc == LCAP_OK && !json && !plan->wanted.columns)
        choose_preview(plan);
    return rc;
}

const char *flows_plan_only_source(const struct flows_plan *plan)
{
    return plan->sources.count == 1 ? plan->sources.items[0].path : NULL;
}

static int add_inputs(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const char *single = wanted->classes ? wanted->classes : plan->config.input;
    const char *output = plan->options.layout == LAYOUT_ONE ? wanted->output : NULL;
    int rc = output ? sources_exclude(&plan->sources, output, error) : LCAP_OK;
    if (rc == LCAP_OK && wanted->shard.count)
        rc = shard_exclude_parts(wanted->shard, "flows", wanted->output, &plan->sources, error);
    if (rc == LCAP_OK && wanted->shard.count)
        rc = shard_exclude_parts(wanted->shard, "flows --buckets", wanted->output, &plan->sources,
                                 error);
    if (rc == LCAP_OK && plan->input_count == 0)
        rc = sources_add(&plan->sources, single, error);
    for (size_t i = 0; i < plan->input_count && rc == LCAP_OK; i++)
        rc = sources_add(&plan->sources, plan->inputs[i], error);
    return rc == LCAP_OK ? sources_find_repeats(&plan->sources, error) : rc;
}

static int list_inputs(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const char *other;
    int rc = add_inputs(plan, error);
    if (rc == LCAP_OK && wanted->listed)
        wanted->listed(&plan->sources);
    /* The originals take files as they come. */
    if (rc == LCAP_OK && wanted->join && !wanted->compat &&
        sources_are_regular(&plan->sources, &other))
        rc = sources_order_by_time(&plan->sources, &plan->options.inputs, error);
    return rc;
}

static int list_places(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    const int rc = wanted->report ? flows_report_place(wanted->report, flows_plan_only_source(plan),
                                                       &plan->report, error)
                                  : LCAP_OK;
    plan->places[0] = (struct output_place){"the table", plan->options.output};
    plan->places[1] = (struct output_place){"--report", (const char *)plan->report.data};
    memcpy(plan->places + 2, wanted->others, sizeof wanted->others);
    plan->places[FLOWS_PLACES - 1] =
        (struct output_place){"--preview", wanted->preview ? "-" : NULL};
    return rc;
}

/* Settings of NetFlowMeter are for its profile. */
static int apply_config(struct flows_plan *plan, struct lcap_error *error)
{
    struct flows_request *wanted = &plan->wanted;
    if (!wanted->profile)
        wanted->profile = "netflowmeter";
    if (strcmp(wanted->profile, "netflowmeter") != 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--config needs --profile netflowmeter");
    return flows_config_apply(&plan->config, wanted, error);
}

/* Chooses the flows: profile, protocols, how they are made. */
static int choose_flows(struct flows_plan *plan, struct lcap_error *error)
{
    int rc = plan->wanted.config ? apply_config(plan, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = flows_checks_values(&plan->wanted, error);
    if (rc == LCAP_OK)
        rc = choose_profile(plan, error);
    if (rc == LCAP_OK)
        rc = choose_protocols(plan, error);
    if (rc == LCAP_OK)
        fill_options(plan);
    return rc;
}

/* All that needs no input. LCAP_ERR_ARGUMENT: the options do not go together. */
static int plan_options(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_request *wanted = &plan->wanted;
    int rc = choose_flows(plan, error);
    if (rc == LCAP_OK)
        rc = flows_checks_profile(plan, error);
    if (rc == LCAP_OK && wanted->tmpdir)
        rc = try_tmpdir(wanted->tmpdir, error);
    if (rc == LCAP_OK)
        rc = check_engine(plan, error);
    if (rc == LCAP_OK)
        rc = choose_schema(plan, error);
    if (rc == LCAP_OK)
        rc = flows_checks_output(plan, error);
    if (rc == LCAP_OK)
        rc = flows_checks_shard(plan, error);
    if (rc == LCAP_OK && plan->input_count == 0 && !wanted->classes && !plan->config.input)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "no INPUT given");
    return rc;
}

int flows_plan_init(struct flows_plan *plan, const struct flows_request *wanted,
                    const char *const *inputs, size_t count, struct lcap_error *error)
{
    *plan = (struct flows_plan){.wanted = *wanted, .inputs = inputs, .input_count = count};
    return plan_options(plan, error);
}

int flows_plan_list(struct flows_plan *plan, struct lcap_error *error)
{
    const int rc = list_inputs(plan, error);
    return rc == LCAP_OK ? list_places(plan, error) : rc;
}

int flows_plan_check_places(const struct flows_plan *plan, struct lcap_error *error)
{
    return output_place_check_all(plan->places, FLOWS_PLACES, error);
}

/* A directory of tables is created if it is missing. */
static int check_directory(const struct flows_plan *plan, struct lcap_error *error)
{
    const char *path = plan->options.output;
    struct stat st;
    if (plan->options.layout == LAYOUT_ONE || stat(path, &st) < 0 || S_ISDIR(st.st_mode))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: is a file, not a directory (--per-… options need one)", path);
}

int flows_plan_check_inputs(const struct flows_plan *plan, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 1; i < FLOWS_PLACES && rc == LCAP_OK; i++)
        if (plan->places[i].path)
            rc = sources_check_output(&plan->sources, plan->places[i].path, error);
    return rc == LCAP_OK ? check_directory(plan, error) : rc;
}

void flows_plan_release(struct flows_plan *plan)
{
    column_choice_release(&plan->columns);
    flows_config_release(&plan->config);
    sources_release(&plan->sources);
    buffer_release(&plan->report);
}
