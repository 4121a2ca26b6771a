/* Labelling as one of several shards. */
#include "dataset/labelling/label_shard.h"

#include "dataset/labelling/label_about.h"
#include "dataset/labelling/label_numbers.h"
#include "label/rule_shards.h"
#include <inttypes.h>

/* All options that decide which bytes are written. */
static int name_settings(const struct label_pass_options *options, struct buffer *text,
                         struct lcap_error *error)
{
    const struct input_options *input = &options->input;
    return buffer_printf(text, error, "%d %d %d %d %d %d %" PRId64 " %d %u %d %d %u %d%c",
                         options->sort, options->keep_unmatched, options->relabel,
                         options->split_linktypes, options->join, options->keep_source,
                         options->shift_rules_ns, options->write_pcapml_times, options->snaplen,
                         (int)input->pcapml_times, input->set_linktype, input->linktype,
                         input->nanoseconds, '\0');
}

static int check_shard(const struct label_pass *pass, struct lcap_error *error)
{
    if (pass->options.dry_run || !pass->options.output)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "a shard needs an output");
    /* What was a packet's second label would be taken for its own when the parts are sorted. */
    if (pass->options.sort && pass->options.relabel && pass->options.keep_unmatched)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a shard cannot sort packets that it relabels and those it leaves "
                              "without a label: sort the merged file");
    return rules_check_shards(pass->rules, error);
}

static struct joint_output output_of(const struct label_pass *pass)
{
    const struct label_pass_options *options = &pass->options;
    return (struct joint_output){
        .several = pass->sources->count > 1,
        .order = options->sort ? ORDER_SAMPLE : ORDER_AS_GIVEN,
        .split_linktypes = options->split_linktypes,
        .pcapml_times = options->write_pcapml_times,
        .snaplen = options->snaplen,
        .needs_labels = !options->keep_unmatched,
    };
}

int label_shard_exclude(const struct label_pass_options *options, struct sources *sources,
                        struct lcap_error *error)
{
    const int rc = shard_exclude_parts(options->shard, "label", options->output, sources, error);
    return rc == LCAP_OK ? shard_exclude_parts(options->shard, LABEL_NUMBERS_COMMAND,
                                               options->output, sources, error)
                         : rc;
}

static int new_run(struct label_pass *pass, struct lcap_error *error)
{
    const char *const files[] = {pass->options.rules, NULL};
    struct buffer settings = {0};
    int rc = name_settings(&pass->options, &settings, error);
    if (rc == LCAP_OK)
        rc = shard_run_new(&pass->shard, pass->options.shard, "label", (const char *)settings.data,
                           files, pass->options.output, pass->sources, error);
    buffer_release(&settings);
    return rc;
}

/* What the joint says of the run, and what is counted for it. */
static int begin_notes(struct label_pass *pass, struct lcap_error *error)
{
    pass->shard->joint.output = output_of(pass);
    const int rc = label_counts_new(&pass->counts, pass->rules, pass->labeller, error);
    if (rc == LCAP_OK)
        pass->tally = label_counts_tally(pass->counts);
    return rc == LCAP_OK && pass->options.shard.number == 0
               ? label_about_write(&pass->options, pass->sources, &pass->shard->joint.about, error)
               : rc;
}

int label_shard_begin(struct label_pass *pass, struct lcap_error *error)
{
    const bool counts = pass->options.count_packets;
    if (pass->options.shard.count == 0)
        return LCAP_OK;
    int rc = check_shard(pass, error);
    if (rc == LCAP_OK)
        rc = counts ? label_numbers_begin(pass, &pass->shard, error) : new_run(pass, error);
    if (rc == LCAP_OK && !counts && rules_number_packets(pass->rules))
        rc = label_numbers_take(pass, error);
    if (rc < 0)
        return rc;
    pass->result.part = pass->shard->part;
    pass->result.is_done = shard_run_is_done(pass->shard);
    return counts ? LCAP_OK : begin_notes(pass, error);
}

static const struct lcap_losses *losses_of(const struct label_pass *pass)
{
    return part_writer_losses(dataset_writer_part(pass->writer));
}

/* An interface that was described before the segment has no place of its own. */
void label_shard_look(struct label_pass *pass, const struct lcap_block *block)
{
    if (block->kind == LCAP_BLOCK_INTERFACE && block->offset == 0)
        label_counts_begin(pass->counts, losses_of(pass));
}

int label_shard_note(struct label_pass *pass, uint32_t file, const struct input_outcome *outcome,
                     uint64_t labelled, struct lcap_error *error)
{
    struct joint_segment *segment = shard_run_segment(pass->shard, file);
    if (!segment)
        return LCAP_OK;
    segment->labelled = labelled;
    /* The last packets have been written behind the walk. */
    segment->part_end = part_writer_bytes(dataset_writer_part(pass->writer));
    tally_add(&pass->result.all, label_counts_tally(pass->counts));
    return label_counts_write(pass->counts, outcome, losses_of(pass), &segment->notes, error);
}

int label_shard_finish(struct label_pass *pass, struct lcap_error *error)
{
    return pass->shard ? shard_run_finish(pass->shard, error) : LCAP_OK;
}
