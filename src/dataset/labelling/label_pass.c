/* Labels packets of captures. */
#include "base/io/file.h"
#include "base/io/output.h"
#include "base/io/target.h"
#include "base/memory.h"
#include "base/rare.h"
#include "capture/parts/reader_ahead.h"
#include "dataset/labelling/label_findings.h"
#include "dataset/labelling/label_hints.h"
#include "dataset/labelling/label_numbers.h"
#include "dataset/labelling/label_pass_internal.h"
#include "dataset/labelling/label_shard.h"
#include "dataset/labelling/source_comment.h"
#include "label/file_name.h"
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
    *p = (struct label_pass){.sources = sources, .options = *options, .result.all = empty};
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
    dataset_writer_discard(pass->writer);
    label_queue_release(&pass->queue);
    buffer_release(&pass->source);
    findings_release(&pass->result.findings);
    free(pass->result.unlabelled_inputs);
    label_counts_free(pass->counts);
    shard_run_free(pass->shard);
    lcap_labeller_free(pass->labeller);
    lcap_rules_free(pass->rules);
    free(pass->files);
    free(pass);
}

/* ---- packets ---- */

/* Packets to be sorted are not written yet. */
static bool keeps_cut(const struct label_pass *pass)
{
    return pass->comes_once && !pass->options.sort;
}

/* A live capture cuts packets to the snap length that it gives its interface. */
static int check_snaplens(struct label_pass *pass, const char *output, bool *sound,
                          struct lcap_error *error)
{
    const struct sources *sources = pass->sources;
    *sound = sources->count == 0;
    return sources->count == 1 && !pass->shard && !output_can_patch(output)
               ? input_check_snaplens(sources->items[0].path, &pass->options.input, sound,
                                      &pass->looked_at, error)
               : LCAP_OK;
}

int label_pass_open(struct label_pass *pass, const char *path, struct lcap_error *error)
{
    const struct label_pass_options *options = &pass->options;
    bool sound_snaplens;
    if (options->dry_run)
        return LCAP_OK;
    int rc = check_snaplens(pass, path, &sound_snaplens, error);
    if (rc < 0)
        return rc;
    const struct dataset_writer_options writing = {
        .order = options->sort ? ORDER_SAMPLE : ORDER_AS_GIVEN,
        .part = pass->shard,
        .checksum = pass->shard ? &pass->shard->checksum : NULL,
        .split_linktypes = options->split_linktypes,
        .writer = {.format = LCAP_FORMAT_PCAPNG,
                   .overwrite = options->overwrite || pass->shard,
                   .no_sync = options->no_sync,
                   .level = options->level,
                   .threads = options->input.threads,
                   .unlimited_snaplen = pass->sources->count > 1,
                   .sound_snaplens = sound_snaplens,
                   .pcapml_times = options->write_pcapml_times,
                   .snaplen = options->snaplen,
                   .keep_cut = keeps_cut(pass)},
        .sorter = options->sorter,
        .watcher = options->input.watcher,
    };
    if (!pass->shard)
        return dataset_writer_open(&pass->writer, path, &writing, error);
    const struct output_options wanted = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    rc = shard_run_begin(pass->shard, &wanted, error);
    if (rc == 0)
        rc = dataset_writer_open(&pass->writer, pass->shard->part, &writing, error);
    if (rc == 0)
        pass->shard->writer = dataset_writer_part(pass->writer);
    return rc;
}

/* Remembers a failure to write, because inputs may fail with the same code. */
static int written(struct label_pass *pass, int rc)
{
    pass->write_failed |= rc == LCAP_ERR_IO;
    return rc;
}

static int write_packet(struct label_pass *pass, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, const struct lcap_label *label,
                        struct lcap_error *error)
{
    pass->written_bytes += packet->caplen;
    if (!pass->writer)
        return LCAP_OK;
    return written(pass, dataset_writer_packet(pass->writer, packet, edit, label, error));
}

/* "source=PATH", unless the packet keeps what it got when it was labelled before. */
static int add_source(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                      struct lcap_edit *edit, struct lcap_error *error)
{
    const char *known;
    size_t len;
    if (!pass->options.keep_source || file == LCAP_NO_FILE ||
        source_comment_find(packet, &known, &len))
        return LCAP_OK;
    buffer_clear(&pass->source);
    int rc =
        buffer_printf(&pass->source, error, SOURCE_COMMENT "%s", file_name_of(&pass->files[file]));
    edit->second = (const char *)pass->source.data;
    edit->second_len = pass->source.len;
    return rc;
}

/* Without a label, the source that came with it goes, too. */
static int write_unlabelled(struct label_pass *pass, const struct lcap_packet *packet,
                            struct lcap_edit *edit, struct lcap_error *error)
{
    const char *source;
    size_t len;
    const bool is_tagged = label_packet_is_tagged(packet);
    pass->tagged += is_tagged;
    if (pass->counts)
        label_counts_unlabelled(pass->counts, pass->options.keep_unmatched, is_tagged);
    if (!pass->options.keep_unmatched)
        return LCAP_OK;
    pass->result.kept++;
    edit->drop_second_comment = source_comment_find(packet, &source, &len);
    return write_packet(pass, packet, edit, NULL, error);
}

/* Writes a packet with its label; without one if no rule gives it any. */
static int write_settled(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                         const struct lcap_sample *sample, struct lcap_error *error)
{
    struct lcap_label label;
    struct lcap_edit edit = {.size = sizeof edit,
                             .drop_first_comment =
                                 pass->options.relabel && lcap_packet_label(packet, &label)};
    if (!sample)
        return write_unlabelled(pass, packet, &edit, error);
    pass->result.labelled++;
    int rc = pass->counts ? label_counts_sample(pass->counts, sample, error) : LCAP_OK;
    label = (struct lcap_label){sample->id, sample->metadata, sample->metadata_len};
    edit.comment = sample->comment;
    edit.comment_len = sample->comment_len;
    if (rc == 0)
        rc = add_source(pass, file, packet, &edit, error);
    return rc == 0 ? write_packet(pass, packet, &edit, &label, error) : rc;
}

/* Settles what the labeller knows by now, and writes the packets that wait for no other. */
static int move_queue(struct label_pass *pass, struct lcap_error *error)
{
    const struct lcap_sample *sample;
    struct queued *queued;
    uint64_t number;
    int rc;
    while ((rc = lcap_labeller_settled(pass->labeller, &number, &sample, error)) == 1) {
        rc = label_queue_settle(&pass->queue, number, sample, error);
        if (rc < 0)
            return rc;
    }
    while (rc == 0 && (queued = label_queue_take(&pass->queue))) {
        rc = write_settled(pass, queued->file, &queued->packet,
                           queued->labelled ? &queued->sample : NULL, error);
        queued_free(queued);
    }
    return rc;
}

/* A packet that waits, or that is behind one. */
static RARE int queue_packet(struct label_pass *pass, uint32_t file,
                             const struct lcap_packet *packet, const struct lcap_sample *sample,
                             bool waits, struct lcap_error *error)
{
    const uint64_t number = pass->result.all.packets - 1;
    int rc = label_queue_add(&pass->queue, packet, file, number, error);
    if (rc == 0 && !waits)
        rc = label_queue_settle(&pass->queue, number, sample, error);
    return rc == 0 ? move_queue(pass, error) : rc;
}

static bool is_refused(const struct label_pass *pass, const struct lcap_packet *packet)
{
    struct lcap_label old;
    return !pass->options.relabel && lcap_packet_label(packet, &old);
}

static int count_packet(struct label_pass *pass, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    tally_packet(&pass->result.all, packet);
    return pass->counts ? label_counts_packet(pass->counts, packet, error) : LCAP_OK;
}

int label_pass_packet(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                      struct lcap_error *error)
{
    const struct lcap_sample *sample = NULL;
    int rc = count_packet(pass, packet, error);
    if (rc == 0 && is_refused(pass, packet))
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "already has a label (use --relabel to replace its labels)");
    if (rc == 0)
        rc = lcap_labeller_label(pass->labeller, file, packet, &sample, error);
    if (rc < 0)
        return rc;
    if (rc == LCAP_LABEL_WAITS || pass->queue.count > 0)
        return queue_packet(pass, file, packet, sample, rc == LCAP_LABEL_WAITS, error);
    return write_settled(pass, file, packet, sample, error);
}

int label_pass_end_input(struct label_pass *pass, bool go_on, struct lcap_error *error)
{
    int rc = go_on ? lcap_labeller_end_waits(pass->labeller, error)
                   : lcap_labeller_finish(pass->labeller, error);
    return rc == 0 ? move_queue(pass, error) : rc;
}

/*
 * A block may overtake packets that wait: those that it describes or explains follow
 * it anyway. But in another section, numbers mean something else.
 */
int label_pass_block(struct label_pass *pass, const struct lcap_block *block,
                     struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (block->kind == LCAP_BLOCK_SECTION && pass->queue.count > 0)
        rc = label_pass_end_input(pass, true, error);
    if (rc < 0 || !pass->writer)
        return rc;
    rc = written(pass, dataset_writer_block(pass->writer, block, error));
    if (rc == LCAP_OK && pass->shard)
        label_shard_look(pass, block);
    return rc;
}

int label_pass_flush(struct label_pass *pass, struct lcap_error *error)
{
    return pass->writer ? written(pass, dataset_writer_flush(pass->writer, error)) : LCAP_OK;
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

/* Labels and writes the packets of the batch. */
static int end_batch(struct file_pass *from, struct lcap_error *error)
{
    const struct lcap_sample *samples[LABELLER_BATCH];
    const size_t count = from->batch_count;
    if (count == 0)
        return LCAP_OK;
    from->batch_count = 0;
    int rc = labeller_label_plainly(from->pass->labeller, from->file, from->batch, count, samples,
                                    error);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = count_packet(from->pass, &from->batch[i], error);
        if (rc == 0)
            rc = write_settled(from->pass, from->file, &from->batch[i], samples[i], error);
    }
    return rc;
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
    if (from->in_batches && is_packet && !is_refused(from->pass, &block->packet))
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

static int walk_file(struct file_pass *from, struct lcap_error *error)
{
    struct shard_run *shard = from->pass->shard;
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
    from.in_batches = labeller_is_plain(pass->labeller);
    const uint64_t before = pass->result.labelled;
    int rc = input_pass_open(&from.input, pass->files[file].path, label_pass_may_skip(pass, file),
                             &pass->options.input, error);
    if (from.input.reader && pass->writer)
        dataset_writer_source(pass->writer, from.input.reader);
    from.input.phase = pass->options.sort ? "pass 1 of 2: label" : NULL;
    from.input.number = file;
    input_pass_expect(&from.input, &pass->looked_at);
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
    for (size_t file = 0; file < pass->sources->count && rc == 0; file++)
        if (is_read(pass, file))
            rc = label_file(pass, (uint32_t)file, error);
    if (rc == 0)
        rc = label_pass_end_input(pass, false, error);
    return rc == 0 && !pass->shard ? label_findings_gather(&pass->result.findings, pass, error)
                                   : rc;
}

int label_pass_run(struct label_pass *pass, struct lcap_error *error)
{
    return pass->options.count_packets ? label_numbers_count(pass, error)
                                       : label_pass_keep(pass, label_files(pass, error), error);
}

/* ---- the end ---- */

int label_pass_finish(struct label_pass *pass, struct lcap_error *error)
{
    struct dataset_writer *writer = pass->writer;
    if (!writer)
        return LCAP_OK;
    pass->result.linktypes = dataset_writer_linktypes(writer);
    pass->writer = NULL;
    const int rc = dataset_writer_close(writer, &pass->result.losses, error);
    return rc == LCAP_OK ? label_shard_finish(pass, error) : rc;
}

int label_pass_keep(struct label_pass *pass, int rc, struct lcap_error *error)
{
    if (rc == 0 || !pass->write_failed || !pass->writer || !keeps_cut(pass))
        return rc;
    struct lcap_error kept = {0};
    if (label_pass_finish(pass, &kept) < 0) /* the same failure, and the outcome of the file */
        *error = kept;
    return rc;
}
