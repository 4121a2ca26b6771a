/* Writes and opens the buckets of a run. */
#include "tabulate/flows/flows_buckets.h"

#include "dataset/shard/bucket_run.h"
#include <stdio.h>

#define COMMAND "flows --buckets"

/* What decides in which bucket a packet is, and what the packets are. */
static int new_run(struct shard_run **run, const struct flows_plan *plan, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &plan->options.inputs;
    char settings[64];
    snprintf(settings, sizeof settings, "%d %d %d %u %d", plan->options.flow.inner_tunnels,
             (int)input->pcapml_times, input->set_linktype, input->linktype, input->nanoseconds);
    return shard_run_new(run, plan->wanted.shard, COMMAND, settings, no_files, plan->wanted.output,
                         &plan->sources, error);
}

/* ---- writing ---- */

static int write_buckets(struct shard_run *run, const struct flows_plan *plan,
                         struct tabulate_result *result, struct lcap_error *error)
{
    struct bucket_run buckets = {
        .run = run,
        .input = &plan->options.inputs,
        .buckets = {.count = plan->wanted.shard.count,
                    .inner_tunnels = plan->options.flow.inner_tunnels},
        .placing = {.overwrite = plan->wanted.overwrite, .no_sync = plan->wanted.no_sync},
        .inputs = result->inputs,
    };
    const int rc = bucket_run_write(&buckets, error);
    result->inputs = buckets.inputs;
    result->counts.packets += buckets.packets;
    return rc;
}

int flows_buckets_write(const struct flows_plan *plan, struct tabulate_result *result,
                        bool *is_done, struct lcap_error *error)
{
    struct shard_run *run = NULL;
    int rc = new_run(&run, plan, error);
    *is_done = rc == LCAP_OK && shard_run_is_done(run);
    if (rc == LCAP_OK && !*is_done)
        rc = write_buckets(run, plan, result, error);
    shard_run_free(run);
    return rc;
}

/* ---- reading ---- */

static int check_run(const struct flows_buckets *buckets, const struct flows_plan *plan,
                     struct lcap_error *error)
{
    struct shard_run *run = NULL;
    int rc = new_run(&run, plan, error);
    if (rc == LCAP_OK && strcmp(run->joint.run, buckets->parts.items[0].joint.run) != 0)
        rc = lcap_error_set(error, LCAP_ERR_FORMAT,
                            "%s: these buckets are of a run with other inputs or options: write "
                            "them again (--buckets write -f)",
                            buckets->parts.items[0].path);
    shard_run_free(run);
    return rc;
}

int flows_buckets_open(struct flows_buckets *buckets, const struct flows_plan *plan,
                       struct lcap_error *error)
{
    const struct shard shard = plan->wanted.shard;
    int rc = parts_read_beside(&buckets->parts, shard.count, COMMAND, plan->wanted.output, error);
    if (rc == LCAP_OK)
        rc = check_run(buckets, plan, error);
    return rc == LCAP_OK ? share_packets_open(&buckets->packets, &buckets->parts,
                                              (struct flow_share){shard.number, shard.count}, error)
                         : rc;
}

void flows_buckets_release(struct flows_buckets *buckets)
{
    share_packets_free(buckets->packets);
    parts_release(&buckets->parts);
}
