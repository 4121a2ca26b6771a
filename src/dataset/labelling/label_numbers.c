/* Counts the packets of shards before they are labelled. */
#include "dataset/labelling/label_numbers.h"

#include "base/io/output.h"
#include "dataset/shard/counted.h"
#include "label/labeller/labeller_sums.h"

int label_numbers_begin(const struct label_pass *pass, struct shard_run **run,
                        struct lcap_error *error)
{
    return counted_begin(run, pass->options.shard, LABEL_NUMBERS_COMMAND, pass->options.output,
                         pass->sources, error);
}

/* ---- counting ---- */

static int pass_over(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    (void)context;
    (void)block;
    (void)error;
    return LCAP_OK;
}

static int count_file(struct label_pass *pass, uint32_t file, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, pass->files[file].path, label_pass_may_skip(pass, file),
                             &pass->options.input, error);
    input.number = file;
    if (rc == LCAP_OK)
        rc = shard_run_walk(pass->shard, file, &input, pass_over, NULL, error);
    if (rc == LCAP_OK)
        input_pass_settle(&input, &pass->result.inputs);
    pass->result.all.packets += input.outcome.packets;
    input_pass_close(&input);
    return rc;
}

static int count_files(struct label_pass *pass, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t file = 0; file < pass->sources->count && rc == LCAP_OK; file++)
        if (shard_run_has(pass->shard, file))
            rc = count_file(pass, (uint32_t)file, error);
    return rc;
}

int label_numbers_count(struct label_pass *pass, struct lcap_error *error)
{
    struct output *out = NULL;
    if (pass->result.is_done)
        return LCAP_OK;
    int rc = shard_run_begin(pass->shard, &pass->options.placing, error);
    if (rc == LCAP_OK)
        rc = output_open(&out, pass->shard->part, &pass->shard->placing, error);
    if (rc == LCAP_OK)
        rc = count_files(pass, error);
    if (rc < 0) {
        output_discard(out);
        return rc;
    }
    rc = output_close(out, error);
    return rc == LCAP_OK ? shard_run_finish(pass->shard, error) : rc;
}

/* ---- what was counted ---- */

static void skip_packets(struct lcap_labeller *labeller, const struct joint *before)
{
    for (size_t i = 0; i < before->segment_count; i++)
        if (before->segments[i].input < UINT32_MAX && !before->segments[i].left_out)
            labeller_skip_packets(labeller, (uint32_t)before->segments[i].input,
                                  before->segments[i].packets);
}

void label_numbers_take_from(struct label_pass *pass, struct parts *parts)
{
    for (uint32_t i = 0; i < pass->options.shard.number; i++)
        skip_packets(pass->labeller, &parts->items[i].joint);
    counted_go_on(pass->shard, parts);
}

int label_numbers_take(struct label_pass *pass, struct lcap_error *error)
{
    struct parts parts;
    int rc = counted_read(&parts, pass->options.shard, LABEL_NUMBERS_COMMAND, pass->options.output,
                          pass->sources, error);
    if (rc == LCAP_OK)
        label_numbers_take_from(pass, &parts);
    parts_release(&parts);
    return rc < 0
               ? lcap_error_prefix(
                     error,
                     "rules with EACH:packet need a run of all shards with --count-packets first: ")
               : rc;
}
