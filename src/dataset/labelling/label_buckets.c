/* Writes the packets of a shard into buckets. */
#include "dataset/labelling/label_buckets.h"

#include "dataset/labelling/label_shard.h"
#include "dataset/shard/bucket_run.h"

int label_buckets_write(struct label_pass *pass, struct lcap_error *error)
{
    struct bucket_run buckets = {
        .run = pass->shard,
        .input = &pass->options.input,
        .buckets = {.count = pass->options.shard.count, .labeller = pass->labeller},
        .placing = pass->options.placing,
        .inputs = pass->result.inputs,
    };
    if (pass->result.is_done)
        return LCAP_OK;
    const int rc = bucket_run_write(&buckets, error);
    pass->result.inputs = buckets.inputs;
    pass->result.all.packets = buckets.packets;
    return rc;
}

/* ---- reading ---- */

/* Behind damage that the shard before has found, there are no packets to label. */
static int check_damage(const struct part *part, struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    for (size_t i = 0; i < part->joint.segment_count; i++) {
        const struct joint_segment *segment = &part->joint.segments[i];
        if (segment->left_out && segment->packets > 0)
            return lcap_error_set(error, LCAP_ERR_FORMAT,
                                  "%s: has packets of %s behind damage that a shard before it has "
                                  "found: run shard %u/%u with --buckets=write again",
                                  part->path, segment->path, shard.number, shard.count);
    }
    return LCAP_OK;
}

int label_buckets_read(const struct label_pass *pass, struct parts *parts, struct lcap_error *error)
{
    int rc = parts_read_beside(parts, pass->options.shard.count, LABEL_BUCKETS_COMMAND,
                               pass->options.output, error);
    if (rc == LCAP_OK)
        rc = label_shard_check_run(pass, LABEL_BUCKETS_COMMAND, &parts->items[0], error);
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++)
        rc = check_damage(&parts->items[i], error);
    return rc < 0 ? lcap_error_prefix(error, "rules with SCOPE:flow or EACH:flow need a run of all "
                                             "shards with --buckets=write first: ")
                  : rc;
}
