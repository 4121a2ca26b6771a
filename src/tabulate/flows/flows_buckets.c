/* Writes and opens the buckets of a run. */
#include "tabulate/flows/flows_buckets.h"

#include "dataset/shard/shard_run.h"
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

struct bucketing {
    struct shard_run *run;
    struct packet_buckets *buckets;
    size_t segments; /* that have begun */
};

static int begin_segments(struct bucketing *bucketing, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (; bucketing->segments < bucketing->run->joint.segment_count && rc == LCAP_OK;
         bucketing->segments++)
        rc = packet_buckets_begin(bucketing->buckets, error);
    return rc;
}

static int add_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct bucketing *bucketing = context;
    const int rc = begin_segments(bucketing, error);
    return rc == LCAP_OK && block->kind == LCAP_BLOCK_PACKET
               ? packet_buckets_add(bucketing->buckets, &block->packet, error)
               : rc;
}

static int read_input(struct bucketing *bucketing, const struct flows_plan *plan, size_t number,
                      struct tabulate_result *result, struct lcap_error *error)
{
    const struct source *source = &plan->sources.items[number];
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, &plan->options.inputs, error);
    input.number = number;
    if (rc == LCAP_OK)
        rc = shard_run_walk(bucketing->run, number, &input, add_block, bucketing, error);
    if (rc == LCAP_OK)
        rc = begin_segments(bucketing, error);
    if (rc == LCAP_OK) {
        input_pass_settle(&input, &result->inputs);
        result->counts.packets += input.outcome.packets;
    }
    input_pass_close(&input);
    return rc;
}

static int read_inputs(struct bucketing *bucketing, const struct flows_plan *plan,
                       struct tabulate_result *result, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < plan->sources.count && rc == LCAP_OK; i++)
        if (shard_run_has(bucketing->run, i))
            rc = read_input(bucketing, plan, i, result, error);
    return rc;
}

static int write_buckets(struct shard_run *run, const struct flows_plan *plan,
                         struct tabulate_result *result, struct lcap_error *error)
{
    const struct output_options wanted = {.overwrite = plan->wanted.overwrite,
                                          .no_sync = plan->wanted.no_sync};
    struct bucketing bucketing = {.run = run};
    int rc = shard_run_begin(run, &wanted, error);
    if (rc == LCAP_OK)
        rc = packet_buckets_open(&bucketing.buckets, run->part, plan->wanted.shard.count,
                                 plan->options.flow.inner_tunnels, &run->placing, error);
    if (rc < 0)
        return rc;
    rc = read_inputs(&bucketing, plan, result, error);
    if (rc < 0) {
        packet_buckets_discard(bucketing.buckets);
        return rc;
    }
    rc = packet_buckets_close(bucketing.buckets, error);
    return rc == LCAP_OK ? shard_run_finish(run, error) : rc;
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
