/* Labelling as one of several shards. */
#include "dataset/labelling/label_shard.h"

#include "dataset/labelling/label_about.h"
#include "dataset/labelling/label_buckets.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/labelling/label_numbers.h"
#include "label/rule_shards.h"
#include <inttypes.h>
#include <string.h>

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
    return pass->options.buckets != BUCKETS_NONE && !rules_need_flows(pass->rules)
               ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s: no rule has SCOPE:flow or EACH:flow, so no shard needs "
                                "buckets",
                                lcap_rules_path(pass->rules))
               : LCAP_OK;
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
    static const char *const commands[] = {"label", LABEL_NUMBERS_COMMAND, LABEL_BUCKETS_COMMAND,
                                           LABEL_DECISIONS_COMMAND};
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof commands / sizeof *commands && rc == LCAP_OK; i++)
        rc = shard_exclude_parts(options->shard, commands[i], options->output, sources, error);
    return rc;
}

int label_shard_new_run(const struct label_pass *pass, const char *command, struct shard_run **run,
                        struct lcap_error *error)
{
    const char *const files[] = {pass->options.rules, NULL};
    struct buffer settings = {0};
    int rc = name_settings(&pass->options, &settings, error);
    if (rc == LCAP_OK)
        rc = shard_run_new(run, pass->options.shard, command, (const char *)settings.data, files,
                           pass->options.output, pass->sources, error);
    buffer_release(&settings);
    return rc;
}

int label_shard_check_run(const struct label_pass *pass, const char *command,
                          const struct part *part, struct lcap_error *error)
{
    struct shard_run *run = NULL;
    int rc = label_shard_new_run(pass, command, &run, error);
    if (rc == LCAP_OK && strcmp(run->joint.run, part->joint.run) != 0)
        rc = lcap_error_set(error, LCAP_ERR_FORMAT,
                            "%s: was written with other inputs, rules or options: run labelcap %s "
                            "-f again, for all shards",
                            part->path, command);
    shard_run_free(run);
    return rc;
}

static int add_notes(const struct buffer *from, struct buffer *notes, struct lcap_error *error)
{
    return from->len > 0 ? buffer_append(notes, from->data, from->len, error) : LCAP_OK;
}

/* What the joint says of the run, and what is counted for it. */
static int begin_notes(struct label_pass *pass, struct lcap_error *error)
{
    struct joint *joint = &pass->shard->joint;
    joint->output = output_of(pass);
    int rc = label_counts_new(&pass->counts, pass->rules, pass->labeller, error);
    if (rc == LCAP_OK)
        pass->tally = label_counts_tally(pass->counts);
    if (rc == LCAP_OK && pass->options.shard.number == 0)
        rc = label_about_write(&pass->options, pass->sources, &joint->about, error);
    return rc == LCAP_OK && pass->decisions
               ? add_notes(label_decisions_notes(pass->decisions), &joint->about, error)
               : rc;
}

/* What has to be known before the packets are labelled. */
static int take_knowledge(struct label_pass *pass, struct lcap_error *error)
{
    if (rules_need_flows(pass->rules))
        return label_decisions_open(pass, error);
    return rules_number_packets(pass->rules) ? label_numbers_take(pass, error) : LCAP_OK;
}

static int begin_labelling(struct label_pass *pass, struct lcap_error *error)
{
    int rc = label_shard_new_run(pass, "label", &pass->shard, error);
    if (rc == LCAP_OK)
        rc = take_knowledge(pass, error);
    return rc == LCAP_OK ? begin_notes(pass, error) : rc;
}

static int begin_run(struct label_pass *pass, struct lcap_error *error)
{
    if (pass->options.count_packets)
        return label_numbers_begin(pass, &pass->shard, error);
    if (pass->options.buckets == BUCKETS_NONE)
        return begin_labelling(pass, error);
    const bool writes = pass->options.buckets == BUCKETS_WRITE;
    return label_shard_new_run(pass, writes ? LABEL_BUCKETS_COMMAND : LABEL_DECISIONS_COMMAND,
                               &pass->shard, error);
}

int label_shard_begin(struct label_pass *pass, struct lcap_error *error)
{
    if (pass->options.shard.count == 0)
        return LCAP_OK;
    int rc = check_shard(pass, error);
    if (rc == LCAP_OK)
        rc = begin_run(pass, error);
    if (rc < 0)
        return rc;
    pass->result.part = pass->shard->part;
    pass->result.is_done = shard_run_is_done(pass->shard);
    return LCAP_OK;
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
