/* Combines encoder, sorter and output: writes a sorted pcapng. */
#include "dataset/sorted_writer.h"

#include "base/bytes.h"
#include "base/io/output.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "capture/encoder.h"
#include "capture/pcapng.h"
#include <stdlib.h>
#include <string.h>

enum rank { RANK_BEFORE_PACKETS, RANK_PACKET, RANK_UNLABELLED, RANK_AFTER_PACKETS };

struct sorted_writer {
    enum packet_order order;
    struct encoder encoder;
    struct sorter *sorter;
    struct output *out;
    struct lcap_watcher watcher;
    const char *phase;
    uint64_t scattered;    /* bytes that were written at their place */
    uint64_t bytes;        /* in the sorter */
    struct buffer scratch; /* one encoded block that is not a packet */
    char *directory;       /* for spill files, if none was given */
};

struct sort_key sort_key_of_packet(enum packet_order order, int64_t time_ns,
                                   const struct lcap_label *label)
{
    struct sort_key key = {RANK_PACKET, 0, order == ORDER_GROUPED ? 0 : time_ns};
    if (order != ORDER_TIME) {
        key.rank = label ? RANK_PACKET : RANK_UNLABELLED;
        key.primary = label ? label->sample_id : 0;
    }
    return key;
}

struct sort_key sort_key_of(enum packet_order order, const struct lcap_block *block,
                            const struct lcap_label *label)
{
    switch (block->kind) {
    case LCAP_BLOCK_PACKET:
        return sort_key_of_packet(order, block->packet.time_ns, label);
    case LCAP_BLOCK_SECTION:
    case LCAP_BLOCK_INTERFACE:
    case LCAP_BLOCK_NAMES:
    case LCAP_BLOCK_SECRETS:
        return (struct sort_key){.rank = RANK_BEFORE_PACKETS};
    case LCAP_BLOCK_OTHER:
        if (block->type == PCAPNG_PROCESS)
            return (struct sort_key){.rank = RANK_BEFORE_PACKETS};
        break;
    case LCAP_BLOCK_STATISTICS:
        break;
    }
    return (struct sort_key){.rank = RANK_AFTER_PACKETS};
}

bool sorted_block_is_first(const struct lcap_block *block)
{
    return sort_key_of(ORDER_TIME, block, NULL).rank == RANK_BEFORE_PACKETS;
}

/* Whether the two lengths of a block are as they should be, in the byte order of either. */
static bool is_whole_block(const uint8_t *block, uint32_t len)
{
    const uint8_t *first = block + sizeof(uint32_t), *last = block + len - sizeof(uint32_t);
    const bool big = load32(first, true) == len;
    const uint32_t type = load32(block, big);
    return load32(first, big) == len && load32(last, big) == len &&
           (type == PCAPNG_ENHANCED_PACKET || type == PCAPNG_SIMPLE_PACKET);
}

/* Beside the output; for a stream, which has no directory, the default. */
static char *spill_directory(const char *output, struct lcap_error *error)
{
    if (!target_is_stream(output))
        return tempfile_directory_of(output, error);
    const char *directory = tempfile_default_directory();
    return memory_copy_text(directory, strlen(directory), error);
}

int sorted_writer_open(struct sorted_writer **writer, const char *path,
                       const struct sorted_writer_options *options, struct lcap_error *error)
{
    const struct encoder_options encoding = {
        .most_snaplen = options->writer.snaplen,
        .unlimited_snaplen = options->writer.unlimited_snaplen,
        .pcapml_times = options->writer.pcapml_times,
    };
    const struct output_options placing = {.overwrite = options->writer.overwrite,
                                           .no_sync = options->writer.no_sync,
                                           .level = options->writer.level,
                                           .threads = options->writer.threads,
                                           .checksum = options->checksum};
    struct sorted_writer *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    w->order = options->order;
    w->watcher = options->watcher;
    w->phase = options->phase ? options->phase : "pass 2 of 2: write in order";
    struct sorter_options sorting = options->sorter;
    sorting.threads = options->writer.threads;
    sorting.is_sound = is_whole_block;
    if (!sorting.directory)
        sorting.directory = w->directory = spill_directory(path, error);
    int rc = sorting.directory ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = encoder_init(&w->encoder, &encoding, error);
    if (rc == 0)
        rc = output_open(&w->out, path, &placing, error);
    sorting.scatters = rc == 0 && output_can_write_at(w->out);
    if (rc == 0)
        rc = sorter_new(&w->sorter, &sorting, error);
    if (rc < 0) {
        sorted_writer_discard(w);
        return rc;
    }
    *writer = w;
    return LCAP_OK;
}

void sorted_writer_source(struct sorted_writer *writer)
{
    encoder_source(&writer->encoder);
}

void sorted_writer_continue(struct sorted_writer *writer)
{
    encoder_continue(&writer->encoder);
}

static int add_encoded(struct sorted_writer *w, struct sort_key key, const uint8_t *block,
                       uint32_t len, struct lcap_error *error)
{
    uint8_t *at = sorter_reserve(w->sorter, len, error);
    if (!at)
        return error ? error->code : LCAP_ERR_IO;
    memcpy(at, block, len);
    sorter_commit(w->sorter, key, len);
    w->bytes += len;
    return LCAP_OK;
}

int sorted_writer_block(struct sorted_writer *w, const struct lcap_block *block,
                        struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE)
        return encoder_describe(&w->encoder, block, error);
    if (block->kind == LCAP_BLOCK_PACKET) {
        struct lcap_label label;
        bool labelled = lcap_packet_label(&block->packet, &label);
        return sorted_writer_packet(w, &block->packet, NULL, labelled ? &label : NULL, error);
    }
    buffer_clear(&w->scratch);
    int rc = encoder_append_block(&w->encoder, block, &w->scratch, error);
    if (rc < 0 || w->scratch.len == 0)
        return rc;
    return add_encoded(w, sort_key_of(w->order, block, NULL), w->scratch.data,
                       (uint32_t)w->scratch.len, error);
}

/* Puts a packet into room of the sorter, which is to be committed. */
static int put_packet(struct sorted_writer *w, const struct lcap_packet *packet,
                      const struct lcap_edit *edit, uint8_t **at, uint32_t *size,
                      struct lcap_error *error)
{
    struct packet_plan plan;
    int rc = encoder_plan_packet(&w->encoder, packet, edit, &plan, error);
    if (rc < 0)
        return rc;
    *at = sorter_reserve(w->sorter, plan.size, error);
    if (!*at)
        return error ? error->code : LCAP_ERR_IO;
    encoder_put_packet(&w->encoder, packet, &plan, *at);
    *size = plan.size;
    w->bytes += plan.size;
    return LCAP_OK;
}

int sorted_writer_packet(struct sorted_writer *w, const struct lcap_packet *packet,
                         const struct lcap_edit *edit, const struct lcap_label *label,
                         struct lcap_error *error)
{
    uint8_t *at = NULL;
    uint32_t size = 0;
    int rc = put_packet(w, packet, edit, &at, &size, error);
    if (rc == LCAP_OK)
        sorter_commit(w->sorter, sort_key_of_packet(w->order, packet->time_ns, label), size);
    return rc;
}

bool sorted_writer_encodes(const struct sorted_writer *w, const struct lcap_packet *packet)
{
    return encoder_plans_alone(&w->encoder, packet);
}

int sorted_writer_encode(const struct sorted_writer *w, const struct plan_scratch *scratch,
                         const struct lcap_packet *packet, const struct lcap_edit *edit,
                         const uint64_t *sample_id, struct keyed_packets *to,
                         struct lcap_error *error)
{
    const struct lcap_label label = {.sample_id = sample_id ? *sample_id : 0};
    const struct sort_key key =
        sort_key_of_packet(w->order, packet->time_ns, sample_id ? &label : NULL);
    const int rc = encoder_append_alone(&w->encoder, scratch, packet, edit, &to->blocks, error);
    return rc == LCAP_OK ? buffer_append(&to->keys, &key, sizeof key, error) : rc;
}

int sorted_writer_take(struct sorted_writer *w, const struct keyed_packets *packets,
                       struct lcap_error *error)
{
    const uint8_t *block = packets->blocks.data, *key_at = packets->keys.data;
    int rc = LCAP_OK;
    for (size_t left = packets->blocks.len; left > 0 && rc == LCAP_OK;) {
        struct sort_key key;
        const uint32_t size = encoder_size_of(&w->encoder, block);
        memcpy(&key, key_at, sizeof key);
        rc = add_encoded(w, key, block, size, error);
        block += size;
        left -= size;
        key_at += sizeof key;
    }
    return rc;
}

void sorted_writer_file(struct sorted_writer *writer, const char *path,
                        const struct file_stamp *stamp)
{
    sorter_file(writer->sorter, path, stamp);
}

/* Whether the block is written as it stands in its file, of which the reader still has it all. */
static bool is_same(const struct lcap_block *block, const uint8_t *written, uint32_t size)
{
    return block->body && block->body_len + PCAPNG_BLOCK_OVERHEAD == size &&
           memcmp(block->body - PCAPNG_BEFORE_BODY, written, size) == 0;
}

int sorted_writer_copy(struct sorted_writer *w, const struct lcap_block *block,
                       const struct lcap_label *label, struct lcap_error *error)
{
    uint8_t *at = NULL;
    uint32_t size = 0;
    int rc = put_packet(w, &block->packet, NULL, &at, &size, error);
    if (rc < 0)
        return rc;
    const struct sort_key key = sort_key_of_packet(w->order, block->packet.time_ns, label);
    if (sorter_may_refer(w->sorter) && is_same(block, at, size))
        return sorter_refer(w->sorter, key, size, block->offset, error);
    sorter_commit(w->sorter, key, size);
    return LCAP_OK;
}

const struct lcap_losses *sorted_writer_losses(const struct sorted_writer *writer)
{
    return &writer->encoder.losses;
}

static int tell_progress(const struct sorted_writer *w, struct lcap_error *error)
{
    const struct lcap_progress progress = {
        .phase = w->phase,
        .name = output_name(w->out),
        .input = LCAP_NO_INPUT,
        .done = output_bytes(w->out) + w->scattered,
        .size = w->bytes + w->encoder.head.len,
    };
    return pass_progress_tell(&w->watcher, &progress, error);
}

static int write_in_order(struct sorted_writer *w, struct lcap_error *error)
{
    struct sorted_block block;
    uint64_t blocks = 0;
    int rc;
    while ((rc = sorter_next(w->sorter, &block, error)) == 1) {
        output_write(w->out, block.data, block.len);
        if (output_error(w->out, error) < 0)
            return LCAP_ERR_IO;
        if (++blocks % PASS_BLOCKS_BETWEEN_LOOKS == 0 && tell_progress(w, error) < 0)
            return LCAP_ERR_INTERRUPTED;
    }
    return rc;
}

static int write_piece(void *context, uint64_t offset, const uint8_t *data, size_t len,
                       struct lcap_error *error)
{
    struct sorted_writer *w = context;
    output_write_at(w->out, w->encoder.head.len + offset, data, len);
    w->scattered += len;
    return output_error(w->out, error) < 0 ? LCAP_ERR_IO : tell_progress(w, error);
}

static int write_draft(void *context, uint64_t offset, const uint8_t *data, size_t len,
                       struct lcap_error *error)
{
    struct sorted_writer *w = context;
    output_write_draft(w->out, w->encoder.head.len + offset, data, len);
    return output_error(w->out, error) < 0 ? LCAP_ERR_IO : tell_progress(w, error);
}

static int read_draft(void *context, uint64_t offset, uint8_t *data, size_t len,
                      struct lcap_error *error)
{
    const struct sorted_writer *w = context;
    return output_read_draft(w->out, w->encoder.head.len + offset, data, len, error);
}

static int write_all(struct sorted_writer *w, struct lcap_error *error)
{
    const struct sorted_output places = {w, write_piece, write_draft, read_draft};
    int rc = encoder_finish(&w->encoder, error);
    if (rc == 0)
        rc = sorter_finish(w->sorter, error);
    if (rc < 0)
        return rc;
    output_write(w->out, w->encoder.head.data, w->encoder.head.len);
    rc = output_can_write_at(w->out) ? sorter_scatter(w->sorter, &places, error) : 0;
    if (rc == 0)
        return write_in_order(w, error);
    return rc < 0 ? rc : LCAP_OK;
}

int sorted_writer_close(struct sorted_writer *w, struct lcap_error *error)
{
    int rc = write_all(w, error);
    if (rc == 0) {
        rc = output_close(w->out, error);
        w->out = NULL;
    }
    sorted_writer_discard(w);
    return rc;
}

void sorted_writer_discard(struct sorted_writer *writer)
{
    if (!writer)
        return;
    output_discard(writer->out);
    sorter_free(writer->sorter);
    encoder_release(&writer->encoder);
    buffer_release(&writer->scratch);
    free(writer->directory);
    free(writer);
}
