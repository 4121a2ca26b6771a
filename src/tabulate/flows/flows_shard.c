/* Rows of one shard go into a part; rows of all parts into the table. */
#include "tabulate/flows/flows_shard.h"

#include "base/hash.h"
#include "base/io/output.h"
#include "dataset/shard/shard_run.h"
#include "tabulate/flows/flows_buckets.h"
#include "tabulate/flows/flows_run.h"
#include "tabulate/flows/flows_settings.h"
#include "tabulate/shards/rows_merge.h"
#include <stdio.h>

/* ---- a shard ---- */

/* All that decides what the rows are: the settings, and how packets are read. */
static int begin_run(struct shard_run **run, const struct flows_plan *plan,
                     const struct buffer *settings, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &plan->options.inputs;
    char hash[HASH_SHA256_BASE64], text[HASH_SHA256_BASE64 + 64];
    hash_sha256_base64(settings->data, settings->len, hash);
    snprintf(text, sizeof text, "%s %d %d %u %d", hash, (int)input->pcapml_times,
             input->set_linktype, input->linktype, input->nanoseconds);
    return shard_run_new(run, plan->wanted.shard, "flows", text, no_files, plan->wanted.output,
                         &plan->sources, error);
}

static int write_rows(const struct flows_plan *plan, const struct shard_run *run,
                      const struct buffer *settings, struct share_packets *packets,
                      struct tabulate_result *result, struct lcap_error *error)
{
    const struct shard shard = plan->wanted.shard;
    struct tabulate_options options = plan->options;
    int rc = rows_part_open(&options.part, run->part, settings, &run->placing, error);
    if (rc < 0)
        return rc;
    options.share = (struct flow_share){shard.number, shard.count};
    options.packets = packets;
    options.output = run->part;
    options.layout = LAYOUT_ONE;
    options.rows_per_file = 0;
    rc = tabulate_run(&options, result, error);
    if (rc == LCAP_OK)
        return rows_part_close(options.part, error);
    rows_part_discard(options.part);
    return rc;
}

static int write_part(const struct flows_plan *plan, struct shard_run *run,
                      const struct buffer *settings, struct tabulate_result *result,
                      struct lcap_error *error)
{
    const struct output_options wanted = {.overwrite = plan->wanted.overwrite,
                                          .no_sync = plan->wanted.no_sync};
    struct flows_buckets buckets = {.packets = NULL};
    int rc =
        plan->wanted.buckets == BUCKETS_READ ? flows_buckets_open(&buckets, plan, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = shard_run_begin(run, &wanted, error);
    if (rc == LCAP_OK)
        rc = write_rows(plan, run, settings, buckets.packets, result, error);
    flows_buckets_release(&buckets);
    return rc == LCAP_OK ? shard_run_finish(run, error) : rc;
}

int flows_shard_run(struct flows_plan *plan, struct tabulate_result *result, bool *is_done,
                    struct lcap_error *error)
{
    struct shard_run *run = NULL;
    struct buffer settings = {0};
    *is_done = false;
    if (plan->wanted.buckets == BUCKETS_WRITE)
        return flows_buckets_write(plan, result, is_done, error);
    int rc = flows_settings_append(&plan->wanted, &settings, error);
    if (rc == LCAP_OK)
        rc = begin_run(&run, plan, &settings, error);
    if (rc == LCAP_OK)
        *is_done = shard_run_is_done(run);
    if (rc == LCAP_OK && !*is_done)
        rc = write_part(plan, run, &settings, result, error);
    shard_run_free(run);
    buffer_release(&settings);
    return rc;
}

/* ---- all shards ---- */

static int take_settings(const struct rows_merge *merged, struct flows_request *wanted,
                         struct lcap_error *error)
{
    const struct buffer *settings = rows_merge_settings(merged);
    return flows_settings_take(wanted, (const char *)settings->data, settings->len)
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_FORMAT,
                                "the parts have settings that are unknown here");
}

int flows_shard_merge(struct rows_merge *merged, const struct flows_request *wanted,
                      struct tabulate_result *result, struct lcap_error *error)
{
    /* The plan wants to know that there are some. */
    static const char *const inputs[] = {"the parts"};
    struct flows_request request = *wanted;
    struct flows_plan plan = {.input_count = 0};
    int rc = take_settings(merged, &request, error);
    if (rc == LCAP_OK)
        rc = flows_plan_init(&plan, &request, inputs, 1, error);
    if (rc == LCAP_OK) {
        plan.options.merged = merged;
        plan.options.classes = NULL; /* groups have their metadata already */
        rows_merge_use(merged, &plan.options.flow);
        rc = flows_run(&plan, result, error);
    }
    flows_plan_release(&plan);
    return rc;
}
