/* lcap_flows() */
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/runs/run.h"
#include "features/profile.h"
#include "table/table.h"
#include "tabulate/flows/flows_run.h"
#include "tabulate/flows/flows_shard.h"
#include "tabulate/tabulate_result.h"
#include <string.h>

#define USUAL_MEMORY ((uint64_t)256 << 20)

struct tabulating {
    struct lcap_flow_options flow;
    struct idmap samples;
    struct flows_plan plan;
    struct tabulate_result done;
};

static void release_tabulating(void *found)
{
    struct tabulating *tabulating = found;
    flows_plan_release(&tabulating->plan);
    idmap_release(&tabulating->samples);
}

/* ---- the request ---- */

static int take_format(const char *name, struct flows_request *wanted, struct lcap_error *error)
{
    if (!name)
        return LCAP_OK;
    wanted->format_given = true;
    for (wanted->format = 0; wanted->format < TABLE_FORMAT_COUNT; wanted->format++)
        if (strcmp(table_format_names[wanted->format], name) == 0)
            return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "format: expected " TABLE_FORMAT_LIST "found '%s'", name);
}

static int take_layout(const char *name, struct flows_request *wanted, struct lcap_error *error)
{
    const struct {
        const char *name;
        bool *chosen;
    } layouts[] = {{"input", &wanted->per_input},
                   {"sample", &wanted->per_sample},
                   {"label", &wanted->per_label},
                   {"protocol", &wanted->per_protocol}};
    for (size_t i = 0; name && i < sizeof layouts / sizeof *layouts; i++)
        if (strcmp(layouts[i].name, name) == 0) {
            *layouts[i].chosen = true;
            return LCAP_OK;
        }
    return name ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                 "per: expected input, sample, label or protocol, found '%s'", name)
                : LCAP_OK;
}

/* What the profile says anyway comes behind what a configuration says. */
static void take_time_outs(const struct lcap_flow_options *flow, struct flows_request *wanted)
{
    struct lcap_flow_options usual = {.size = sizeof usual};
    lcap_flow_defaults(&usual, flow->profile ? flow->profile : lcap_profile_at(0), flow->compat);
    wanted->idle_ns = flow->idle_ns;
    wanted->active_ns = flow->active_ns;
    wanted->idle_ns_given = !wanted->config || flow->idle_ns != usual.idle_ns;
    wanted->active_ns_given = !wanted->config || flow->active_ns != usual.active_ns;
}

static void take_flow(const struct lcap_flow_options *flow, struct flows_request *wanted)
{
    wanted->profile = flow->profile ? lcap_profile_name(flow->profile) : NULL;
    wanted->compat = flow->compat;
    wanted->unidirectional = flow->unidirectional;
    wanted->bidirectional = !flow->unidirectional;
    wanted->tunnels = flow->inner_tunnels ? TUNNELS_INNER : TUNNELS_OUTER;
    wanted->detail = flow->detail;
    take_time_outs(flow, wanted);
    wanted->max_flows_in_memory = flow->max_flows;
    wanted->packets = flow->sequence_packets;
    wanted->payload = flow->payload_bytes;
    wanted->label = flow->metadata;
    wanted->memory = flow->memory;
    wanted->tmpdir = flow->tmpdir;
}

/* What the run says comes before what the options of flows say. */
static void take_run(const struct lcap_run *run, struct flows_request *wanted)
{
    wanted->output = run->output;
    wanted->overwrite = run->overwrite;
    wanted->no_sync = run->no_sync;
    wanted->threads = run->threads > 0 ? run->threads : 1;
    wanted->input = run_input(run);
    if (run->tmpdir)
        wanted->tmpdir = run->tmpdir;
    if (run->memory > 0 || wanted->memory == 0)
        wanted->memory = run->memory > 0 ? run->memory : USUAL_MEMORY;
}

static int take_options(struct tabulating *tabulating, const struct lcap_flows_options *how,
                        struct flows_request *wanted, struct lcap_error *error)
{
    *wanted = (struct flows_request){
        .columns = how->columns,
        .drop = how->drop,
        .protocols = how->protocols,
        .max_flows = how->max_flows,
        .samples = how->sample_ids ? &tabulating->samples : NULL,
        .number_format = how->number_format,
        .name = how->name,
        .rows_per_file = how->rows_per_file,
        .report = how->report,
        .config = how->config,
        .join = how->join,
        .merge = how->source_file,
        .append = how->append,
        .csv_safe = how->csv_safe,
        .xlsx_split = how->xlsx_split,
        .shard = {how->shard, how->shards},
    };
    int rc = shard_check(wanted->shard, error);
    if (rc == LCAP_OK)
        rc = take_format(how->format, wanted, error);
    if (rc == LCAP_OK)
        rc = take_layout(how->per, wanted, error);
    if (rc == LCAP_OK)
        rc = buckets_parse(&wanted->buckets, how->buckets, error);
    if (rc == LCAP_OK && how->flow)
        rc = sized_take(&tabulating->flow, sizeof tabulating->flow, how->flow, "lcap_flow_options",
                        error);
    if (rc == LCAP_OK && how->flow)
        take_flow(&tabulating->flow, wanted);
    return rc == LCAP_OK
               ? idmap_add_all(&tabulating->samples, how->sample_ids, how->sample_id_count, error)
               : rc;
}

/* ---- the run ---- */

static int write_tables(struct tabulating *tabulating, const struct flows_request *wanted,
                        const struct lcap_run *run, struct lcap_error *error)
{
    struct flows_plan *plan = &tabulating->plan;
    bool is_done;
    const size_t count = wanted->classes ? 0 : run->input_count;
    int rc = flows_plan_init(plan, wanted, run->inputs, count, error);
    if (rc == LCAP_OK)
        rc = flows_plan_list(plan, error);
    if (rc == LCAP_OK)
        rc = flows_plan_check_places(plan, error);
    if (rc == LCAP_OK)
        rc = flows_plan_check_inputs(plan, error);
    if (rc == LCAP_OK && wanted->shard.count > 0)
        return flows_shard_run(plan, &tabulating->done, &is_done, error);
    return rc == LCAP_OK ? flows_run(plan, &tabulating->done, error) : rc;
}

static int tabulate(struct tabulating *tabulating, const struct lcap_run *run,
                    const struct lcap_flows_options *how, struct lcap_error *error)
{
    struct flows_request wanted;
    int rc = take_options(tabulating, how, &wanted, error);
    take_run(run, &wanted);
    if (how->classes)
        wanted.classes = run->inputs[0];
    return rc == LCAP_OK ? write_tables(tabulating, &wanted, run, error) : rc;
}

int lcap_flows(const struct lcap_run *run, const struct lcap_flows_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_flows_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_flows_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, how.classes ? 1 : SIZE_MAX, error);
    struct tabulating *tabulating = rc == LCAP_OK ? memory_new(1, sizeof *tabulating, error) : NULL;
    if (!tabulating)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = tabulate(tabulating, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        tabulate_describe(&tabulating->done, &description);
    return run_finish(rc, &description, tabulating, release_tabulating, result, error);
}
