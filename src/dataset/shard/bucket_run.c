/* Reads the inputs of a shard into buckets. */
#include "dataset/shard/bucket_run.h"

struct bucketing {
    struct bucket_run *run;
    struct packet_buckets *buckets;
    size_t segments; /* that have begun */
    uint32_t input;  /* that is read */
};

static int begin_segments(struct bucketing *bucketing, struct lcap_error *error)
{
    const struct joint *joint = &bucketing->run->run->joint;
    int rc = LCAP_OK;
    for (; bucketing->segments < joint->segment_count && rc == LCAP_OK; bucketing->segments++)
        rc = packet_buckets_begin(bucketing->buckets, error);
    return rc;
}

static int add_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct bucketing *bucketing = context;
    const int rc = begin_segments(bucketing, error);
    return rc == LCAP_OK ? packet_buckets_add(bucketing->buckets, bucketing->input, block, error)
                         : rc;
}

static int read_input(struct bucketing *bucketing, const struct source *source, size_t number,
                      struct lcap_error *error)
{
    struct bucket_run *run = bucketing->run;
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, run->input, error);
    input.number = number;
    bucketing->input = (uint32_t)number;
    if (rc == LCAP_OK)
        rc = shard_run_walk(run->run, number, &input, add_block, bucketing, error);
    if (rc == LCAP_OK)
        rc = begin_segments(bucketing, error);
    if (rc == LCAP_OK) {
        input_pass_settle(&input, &run->inputs);
        run->packets += input.outcome.packets;
    }
    input_pass_close(&input);
    return rc;
}

static int read_inputs(struct bucketing *bucketing, struct lcap_error *error)
{
    const struct sources *sources = bucketing->run->run->ranges.sources;
    int rc = LCAP_OK;
    for (size_t i = 0; i < sources->count && rc == LCAP_OK; i++)
        if (shard_run_has(bucketing->run->run, i))
            rc = read_input(bucketing, &sources->items[i], i, error);
    return rc;
}

int bucket_run_write(struct bucket_run *run, struct lcap_error *error)
{
    struct bucketing bucketing = {.run = run};
    int rc = shard_run_begin(run->run, &run->placing, error);
    if (rc == LCAP_OK)
        rc = packet_buckets_open(&bucketing.buckets, run->run->part, &run->buckets,
                                 &run->run->placing, error);
    if (rc == LCAP_OK)
        rc = read_inputs(&bucketing, error);
    if (rc < 0) {
        packet_buckets_discard(bucketing.buckets);
        return rc;
    }
    rc = packet_buckets_close(bucketing.buckets, error);
    return rc == LCAP_OK ? shard_run_finish(run->run, error) : rc;
}
