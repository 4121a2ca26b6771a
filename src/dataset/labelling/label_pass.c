/* Labels the packets of captures. */
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/memory.h"
#include "capture/parts/reader_ahead.h"
#include "dataset/labelling/label_buckets.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/labelling/label_findings.h"
#include "dataset/labelling/label_numbers.h"
#include "dataset/labelling/label_pass_internal.h"
#include "dataset/labelling/label_shard.h"
#include "dataset/labelling/label_slabs.h"
#include "label/labeller/labeller_plain.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- inputs and rules ---- */

/*
 * LINKTYPE values that may occur in names of our files. The registry ends below
 * this; a file with an invented link type is read as an input, and its packets are
 * labelled already.
 */
#define LINKTYPES_NAMED 512

/* Files written by an earlier run that split link types are not inputs either. */
static int exclude_linktype_outputs(struct sources *sources, const char *output,
                                    struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint16_t linktype = 0; linktype < LINKTYPES_NAMED && rc == 0; linktype++) {
        char *path = dataset_writer_path(output, linktype, error);
        rc = path ? sources_exclude(sources, path, error) : LCAP_ERR_MEMORY;
        free(path);
    }
    return rc;
}

/* The rules are an input, too; sources_add() takes care of captures. */
int label_pass_exclude_outputs(struct sources *sources, const struct label_pass_options *options,
                               struct lcap_error *error)
{
    if (!options->output)
        return LCAP_OK;
    int rc = file_check_not_input(options->output, &options->rules, 1, error);
    if (rc == 0)
        rc = sources_exclude(sources, options->output, error);
    if (rc == 0 && options->split_linktypes)
        rc = exclude_linktype_outputs(sources, options->output, error);
    if (rc == 0 && options->shard.count > 0)
        rc = label_shard_exclude(options, sources, error);
    return rc;
}

static int list_files(struct label_pass *pass, struct lcap_error *error)
{
    size_t count = pass->sources->count;
    pass->files = memory_new(count, sizeof *pass->files, error);
    if (!pass->files)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct source *source = &pass->sources->items[i];
        pass->files[i] = (struct lcap_file){source->path, source->below};
        pass->comes_once |= target_is_stream(source->path);
    }
    return LCAP_OK;
}

static int load_rules(struct label_pass *pass, struct lcap_error *error)
{
    int rc = lcap_rules_load(&pass->rules, pass->options.rules, pass->files, pass->sources->count,
                             error);
    if (rc == 0)
        lcap_rules_shift(pass->rules, pass->options.shift_rules_ns);
    if (rc == 0)
        rc = lcap_labeller_new(&pass->labeller, pass->rules, error);
    pass->result.rules = pass->rules;
    pass->result.joined = pass->options.join;
    pass->result.inputs = input_counts_of(pass->sources);
    pass->result.labeller = pass->labeller;
    return rc;
}

int label_pass_new(struct label_pass **pass, const struct sources *sources,
                   const struct label_pass_options *options, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    struct label_pass *p = memory_new(1, sizeof *p, error);
    if (!p)
        return LCAP_ERR_MEMORY;
    *p = (struct label_pass){
        .sources = sources, .options = *options, .source_file = LCAP_NO_FILE, .result.all = empty};
    p->tally = &p->result.all;
    int rc = list_files(p, error);
    if (rc == 0)
        rc = load_rules(p, error);
    if (rc == 0)
        rc = label_shard_begin(p, error);
    if (rc < 0)
        label_pass_free(p);
    else
        *pass = p;
    return rc;
}

const struct label_pass_result *label_pass_result(const struct label_pass *pass)
{
    return &pass->result;
}

bool label_pass_is_futile(const struct label_pass *pass)
{
    const struct label_pass_result *result = &pass->result;
    return result->all.packets > 0 && result->labelled == 0 && !pass->options.keep_unmatched &&
           !pass->shard;
}

void label_pass_free(struct label_pass *pass)
{
    if (!pass)
        return;
    label_slabs_free(pass->slabs);
    dataset_writer_discard(pass->writer);
    label_queue_release(&pass->queue);
    buffer_release(&pass->source);
    findings_release(&pass->result.findings);
    free(pass->result.unlabelled_inputs);
    label_counts_free(pass->counts);
    label_decisions_free(pass->decisions);
    shard_run_free(pass->shard);
    lcap_labeller_free(pass->labeller);
    lcap_rules_free(pass->rules);
    free(pass->files);
    free(pass);
}

/* ---- captures ---- */

struct file_pass {
    struct label_pass *pass;
    struct input_pass input;
    uint32_t file;
    bool in_batches;
    struct lcap_packet batch[LABELLER_BATCH]; /* not labelled yet */
    size_t batch_count;
};

static int end_batch(struct file_pass *from, struct lcap_error *error)
{
    const size_t count = from->batch_count;
    if (count == 0)
        return LCAP_OK;
    from->batch_count = 0;
    return label_pass_batch(from->pass, from->file, from->batch, count, error);
}

static int add_to_batch(struct file_pass *from, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    from->batch[from->batch_count++] = *packet;
    return from->batch_count < LABELLER_BATCH && reader_next_is_at_hand(from->input.reader)
               ? LCAP_OK
               : end_batch(from, error);
}

static int label_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct file_pass *from = context;
    const bool is_packet = block->kind == LCAP_BLOCK_PACKET;
    if (from->in_batches && is_packet && !label_pass_refuses(from->pass, &block->packet))
        return add_to_batch(from, &block->packet, error);
    int rc = end_batch(from, error);
    if (rc == 0)
        rc = is_packet ? label_pass_packet(from->pass, from->file, &block->packet, error)
                       : label_pass_block(from->pass, block, error);
    if (rc == LCAP_ERR_LABEL)
        lcap_error_prefix(error, "%s: packet %" PRIu64 " ", from->input.outcome.name,
                          from->input.outcome.packets);
    return rc;
}

static int note_unlabelled(struct label_pass_result *result, const struct unlabelled_input *input,
                           struct lcap_error *error)
{
    int rc = memory_grow((void **)&result->unlabelled_inputs, &result->unlabelled_input_capacity,
                         result->unlabelled_input_count + 1, sizeof *input, error);
    if (rc == 0)
        result->unlabelled_inputs[result->unlabelled_input_count++] = *input;
    return rc;
}

int label_pass_settle(struct label_pass *pass, const struct input_pass *input, uint64_t labelled,
                      struct lcap_error *error)
{
    const struct input_outcome *outcome = &input->outcome;
    input_pass_settle(input, &pass->result.inputs);
    order_watch_add(&pass->result.order, outcome);
    if (outcome->packets == 0 || pass->result.labelled > labelled || pass->shard)
        return LCAP_OK;
    return note_unlabelled(&pass->result,
                           &(struct unlabelled_input){outcome->name, outcome->packets}, error);
}

static bool in_slabs(const struct file_pass *from)
{
    return from->pass->slabs && from->input.reader;
}

static int walk_file(struct file_pass *from, struct lcap_error *error)
{
    struct shard_run *shard = from->pass->shard;
    if (in_slabs(from))
        return label_slabs_walk(from->pass->slabs, from->file, &from->input, label_block, from,
                                error);
    return shard ? shard_run_walk(shard, from->file, &from->input, label_block, from, error)
                 : input_pass_walk(&from->input, label_block, from, error);
}

bool label_pass_may_skip(const struct label_pass *pass, uint32_t file)
{
    return pass->sources->items[file].walked && !lcap_rules_name_file(pass->rules, file);
}

/* A file in a directory that is not a capture is skipped, unless a rule names it. */
static int label_file(struct label_pass *pass, uint32_t file, struct lcap_error *error)
{
    struct file_pass from = {.pass = pass, .file = file};
    const uint64_t before = pass->result.labelled;
    int rc = input_pass_open(&from.input, pass->files[file].path, label_pass_may_skip(pass, file),
                             &pass->options.input, error);
    if (from.input.reader && pass->writer)
        dataset_writer_source(pass->writer, from.input.reader);
    from.input.phase = pass->options.sort ? "pass 1 of 2: label" : NULL;
    from.input.number = file;
    input_pass_expect(&from.input, &pass->looked_at);
    from.in_batches = labeller_is_plain(pass->labeller) && !in_slabs(&from);
    if (rc == 0)
        rc = label_pass_name_source(pass, file, error);
    if (rc == 0)
        rc = walk_file(&from, error);
    if (rc == 0)
        rc = end_batch(&from, error);
    if (rc == 0)
        rc = label_pass_end_input(pass, pass->options.join, error);
    if (rc == 0 && pass->shard)
        rc = label_shard_note(pass, file, &from.input.outcome, pass->result.labelled - before,
                              error);
    if (rc == 0)
        rc = label_pass_settle(pass, &from.input, before, error);
    input_pass_close(&from.input);
    return rc;
}

static bool is_read(const struct label_pass *pass, size_t file)
{
    return !pass->result.is_done && (!pass->shard || shard_run_has(pass->shard, file));
}

/* What a rule does to a shard says nothing about what it does to the inputs. */
static int label_files(struct label_pass *pass, struct lcap_error *error)
{
    int rc = pass->result.is_done ? LCAP_OK : label_pass_open(pass, pass->options.output, error);
    if (rc == 0 && !pass->result.is_done && label_slabs_suit(pass))
        rc = label_slabs_new(&pass->slabs, pass, error);
    for (size_t file = 0; file < pass->sources->count && rc == 0; file++)
        if (is_read(pass, file))
            rc = label_file(pass, (uint32_t)file, error);
    if (rc == 0 && !pass->shard)
        rc = input_counts_check(&pass->result.inputs, error);
    if (rc == 0)
        rc = label_pass_end_input(pass, false, error);
    if (rc == 0 && pass->decisions && !pass->result.is_done)
        rc = label_decisions_check_end(pass->decisions, error);
    return rc == 0 && !pass->shard ? label_findings_gather(&pass->result.findings, pass, error)
                                   : rc;
}

int label_pass_run(struct label_pass *pass, struct lcap_error *error)
{
    if (pass->options.count_packets)
        return label_numbers_count(pass, error);
    if (pass->options.buckets == BUCKETS_WRITE)
        return label_buckets_write(pass, error);
    if (pass->options.buckets == BUCKETS_READ)
        return label_decisions_write(pass, error);
    return label_pass_keep(pass, label_files(pass, error), error);
}
