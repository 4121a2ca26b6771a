/* Sorting as one of several shards. */
#include "dataset/shard/sort_shard.h"

#include "capture/pcapng.h"
#include "dataset/sorted_writer.h"
#include <stdio.h>

int sort_shard_begin(struct sort_shard *shard, const struct sources *sources, const char *output,
                     const struct sort_pass_options *options, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &options->input;
    char settings[64];
    if (options->shard.count == 0)
        return LCAP_OK;
    snprintf(settings, sizeof settings, "%d %d %d %u %d", (int)options->order,
             (int)input->pcapml_times, input->set_linktype, input->linktype, input->nanoseconds);
    const int rc = shard_run_new(&shard->run, options->shard, "sort", settings, no_files, output,
                                 sources, error);
    if (rc == LCAP_OK)
        shard->run->joint.output = (struct joint_output){
            .several = sources->count > 1, .order = options->order, .is_sorted = true};
    return rc;
}

static int refuse(const char *what, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s, which shards cannot sort: sort without "
                          "--shard",
                          what);
}

static bool is_description(const struct lcap_block *block)
{
    return block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE;
}

int sort_shard_check(struct sort_shard *shard, const struct lcap_block *block,
                     struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_PACKET)
        return block->packet.has_time ? LCAP_OK : refuse("a packet without a time", error);
    if (shard->begun && shard->big_endian != block->big_endian)
        return refuse("sections of both byte orders", error);
    shard->begun = true;
    shard->big_endian = block->big_endian;
    if (block->type == PCAPNG_PROCESS && block->kind == LCAP_BLOCK_OTHER)
        return refuse("a process block", error);
    shard->late |= is_description(block) && shard->has_first_blocks;
    shard->has_first_blocks |= !is_description(block) && sorted_block_is_first(block);
    return LCAP_OK;
}

void sort_shard_note(const struct sort_shard *shard, const struct sort_pass_result *done)
{
    const struct joint_output *output = &shard->run->joint.output;
    struct joint_counts *counts = &shard->run->joint.counts;
    counts->in_order = done->survey.in_order[output->order] && done->survey.others_in_place;
    counts->late_interface =
        !output->several &&
        (shard->late || (shard->has_first_blocks && done->survey.all.packets == 0));
}
