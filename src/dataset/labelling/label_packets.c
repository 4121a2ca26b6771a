/* Labels packets, and writes them. */
#include "base/io/compression.h"
#include "base/io/output.h"
#include "base/rare.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/labelling/label_hints.h"
#include "dataset/labelling/label_pass_internal.h"
#include "dataset/labelling/label_shard.h"
#include "dataset/labelling/label_slabs.h"
#include "dataset/labelling/source_comment.h"
#include "label/file_name.h"
#include "label/labeller/labeller_plain.h"
#include "label/labeller/labeller_shares.h"

/* ---- the output ---- */

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

/* What is only written is by the threads that label. */
static unsigned writing_threads(const struct label_pass *pass, const char *output)
{
    const bool only_writes = !pass->options.sort && compression_of_name(output) == COMPRESSION_NONE;
    return only_writes && label_slabs_suit(pass) ? 1 : pass->options.input.threads;
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
                   .overwrite = options->placing.overwrite || pass->shard,
                   .no_sync = options->placing.no_sync,
                   .level = options->placing.level,
                   .threads = writing_threads(pass, path),
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
    rc = shard_run_begin(pass->shard, &options->placing, error);
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

int label_pass_flush(struct label_pass *pass, struct lcap_error *error)
{
    return pass->writer ? written(pass, dataset_writer_flush(pass->writer, error)) : LCAP_OK;
}

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

/* ---- packets ---- */

static int write_packet(struct label_pass *pass, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, const struct lcap_label *label,
                        struct lcap_error *error)
{
    pass->written_bytes += packet->caplen;
    if (!pass->writer)
        return LCAP_OK;
    return written(pass, dataset_writer_packet(pass->writer, packet, edit, label, error));
}

int label_pass_name_source(struct label_pass *pass, uint32_t file, struct lcap_error *error)
{
    if (!pass->options.keep_source || file == pass->source_file)
        return LCAP_OK;
    buffer_clear(&pass->source);
    pass->source_file = file;
    return file == LCAP_NO_FILE ? LCAP_OK
                                : buffer_printf(&pass->source, error, SOURCE_COMMENT "%s",
                                                file_name_of(&pass->files[file]));
}

/* "source=PATH", unless the packet keeps what it got when it was labelled before. Without a label,
 * what came with it goes, too. */
void label_pass_edit_source(const struct label_pass *pass, const struct lcap_packet *packet,
                            struct lcap_edit *edit)
{
    const char *source;
    size_t len;
    const bool has_source = source_comment_find(packet, &source, &len);
    edit->drop_second_comment = !edit->comment && has_source;
    if (edit->comment && !has_source) {
        edit->second = (const char *)pass->source.data;
        edit->second_len = pass->source.len;
    }
}

static int write_unlabelled(struct label_pass *pass, const struct lcap_packet *packet,
                            struct lcap_error *error)
{
    const bool is_tagged = label_packet_is_tagged(packet);
    struct lcap_edit edit;
    pass->tagged += is_tagged;
    if (pass->counts)
        label_counts_unlabelled(pass->counts, pass->options.keep_unmatched, is_tagged);
    if (!pass->options.keep_unmatched)
        return LCAP_OK;
    pass->result.kept++;
    label_pass_edit(pass, packet, NULL, 0, &edit);
    return write_packet(pass, packet, &edit, NULL, error);
}

/* Writes a packet with its label; without one if no rule gives it any. */
static int write_settled(struct label_pass *pass, const struct lcap_packet *packet,
                         const struct lcap_sample *sample, struct lcap_error *error)
{
    struct lcap_edit edit;
    if (!sample)
        return write_unlabelled(pass, packet, error);
    pass->result.labelled++;
    const int rc = pass->counts ? label_counts_sample(pass->counts, sample, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    const struct lcap_label label = {sample->id, sample->metadata, sample->metadata_len};
    label_pass_edit(pass, packet, sample->comment, sample->comment_len, &edit);
    return write_packet(pass, packet, &edit, &label, error);
}

/* A packet that may be of another file than the last one, or whose label is only noted. */
static int settle(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                  const struct lcap_sample *sample, struct lcap_error *error)
{
    if (pass->decided)
        return label_decisions_put(pass, file, sample, error);
    const int rc = label_pass_name_source(pass, file, error);
    return rc == LCAP_OK ? write_settled(pass, packet, sample, error) : rc;
}

int label_pass_take(struct label_pass *pass, uint16_t linktype, const struct keyed_packets *packets,
                    struct lcap_error *error)
{
    return written(pass, dataset_writer_take(pass->writer, linktype, packets, error));
}

static int write_block(struct label_pass *pass, const struct lcap_block *block,
                       struct lcap_error *error)
{
    if (!pass->writer)
        return LCAP_OK;
    const int rc = written(pass, dataset_writer_block(pass->writer, block, error));
    if (rc == LCAP_OK && pass->shard)
        label_shard_look(pass, block);
    return rc;
}

/* A block that waited. */
static int write_queued(struct label_pass *pass, const struct queued *queued,
                        struct lcap_error *error)
{
    if (queued->block.kind != LCAP_BLOCK_PACKET)
        return write_block(pass, &queued->block, error);
    return settle(pass, queued->file, &queued->block.packet,
                  queued->labelled ? &queued->sample : NULL, error);
}

int label_pass_move(struct label_pass *pass, struct lcap_error *error)
{
    const struct lcap_sample *sample;
    struct queued *queued;
    uint64_t number;
    int rc;
    while ((rc = lcap_labeller_settled(pass->labeller, &number, &sample, error)) == 1) {
        rc = queued_settle(label_queue_find(&pass->queue, number), sample, error);
        if (rc < 0)
            return rc;
    }
    while (rc == 0 && (queued = label_queue_take(&pass->queue))) {
        rc = write_queued(pass, queued, error);
        queued_free(queued);
    }
    return rc;
}

/* A packet that waits, or that is behind one. */
static RARE int queue_packet(struct label_pass *pass, uint32_t file,
                             const struct lcap_packet *packet, uint64_t number,
                             const struct lcap_sample *sample, bool waits, struct lcap_error *error)
{
    struct queued *queued = label_queue_add(&pass->queue, packet, file, number, error);
    int rc = queued ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0 && !waits)
        rc = queued_settle(queued, sample, error);
    return rc == 0 ? label_pass_move(pass, error) : rc;
}

int label_pass_place(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                     const struct lcap_sample *sample, bool waits, struct lcap_error *error)
{
    const uint64_t number = pass->given++;
    return waits || pass->queue.count > 0
               ? queue_packet(pass, file, packet, number, sample, waits, error)
               : settle(pass, file, packet, sample, error);
}

/* Packets of one interface, as most are, have one link type. */
static int count_packets(struct label_pass *pass, const struct lcap_packet *packets, size_t count,
                         struct lcap_error *error)
{
    const struct lcap_interface *interface = NULL;
    int rc = LCAP_OK;
    for (size_t i = 0; i < count; i++)
        tally_packet(pass->tally, &packets[i]);
    for (size_t i = 0; pass->counts && i < count && rc == LCAP_OK; i++) {
        if (packets[i].interface != interface)
            rc = label_counts_linktype(pass->counts, packets[i].interface->linktype, error);
        interface = packets[i].interface;
    }
    return rc;
}

int label_pass_packet(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                      struct lcap_error *error)
{
    const struct lcap_sample *sample = NULL;
    int rc = count_packets(pass, packet, 1, error);
    if (rc == 0 && label_pass_refuses(pass, packet))
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "already has a label (use --relabel to replace its labels)");
    if (rc == 0)
        rc = pass->decisions ? label_decisions_label(pass, file, packet, &sample, error)
                             : lcap_labeller_label(pass->labeller, file, packet, &sample, error);
    return rc < 0 ? rc
                  : label_pass_place(pass, file, packet, sample, rc == LCAP_LABEL_WAITS, error);
}

int label_pass_batch(struct label_pass *pass, uint32_t file, const struct lcap_packet *packets,
                     size_t count, struct lcap_error *error)
{
    const struct lcap_sample *samples[LABELLER_BATCH];
    int rc = labeller_label_plainly(pass->labeller, file, packets, count, samples, error);
    if (rc == 0)
        rc = count_packets(pass, packets, count, error);
    if (rc == 0)
        rc = label_pass_name_source(pass, file, error);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = write_settled(pass, &packets[i], samples[i], error);
    return rc;
}

int label_pass_end_input(struct label_pass *pass, bool go_on, struct lcap_error *error)
{
    int rc = go_on ? lcap_labeller_end_waits(pass->labeller, error)
                   : lcap_labeller_finish(pass->labeller, error);
    return rc == 0 ? label_pass_move(pass, error) : rc;
}

int label_pass_block(struct label_pass *pass, const struct lcap_block *block,
                     struct lcap_error *error)
{
    int rc = labeller_pass_block(pass->labeller, block, error);
    if (rc == LCAP_OK && pass->queue.count > 0)
        rc = label_pass_move(pass, error);
    if (rc < 0)
        return rc;
    return pass->queue.count > 0 ? label_queue_add_block(&pass->queue, block, error)
                                 : write_block(pass, block, error);
}
