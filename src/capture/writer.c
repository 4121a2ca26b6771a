/* The public writer: streams pcapng from the encoder, or pcap, to one output. */
#include "base/bytes.h"
#include "base/io/output.h"
#include "base/memory.h"
#include "base/rare.h"
#include "base/sized.h"
#include "capture/encoder.h"
#include "capture/parts/block_copy.h"
#include "capture/parts/encoded_packets.h"
#include "capture/parts/writer_continue.h"
#include "capture/pcap_writer.h"
#include "capture/pcapng.h"
#include <stdlib.h>
#include <string.h>

/* A part of encoder.head in the output. */
struct head_part {
    size_t at;       /* where it begins in encoder.head */
    uint64_t offset; /* and in the output */
};

struct lcap_writer {
    enum lcap_format format;
    struct output *out;
    struct encoder encoder; /* pcapng */
    size_t head_written;    /* bytes of encoder.head that are in the output */
    struct head_part *parts;
    size_t part_count;
    size_t part_capacity;
    bool snaplens_lifted; /* in the output, too */
    struct buffer block;  /* one that is not a packet */
    struct pcap_writer pcap;
};

/* Snap lengths can only be corrected where written bytes can be changed; see <labelcap/capture.h>.
 */
static bool is_unlimited(const struct lcap_writer_options *options, const char *path)
{
    return options->unlimited_snaplen || !(options->sound_snaplens || output_can_patch(path));
}

static int open_writer(struct lcap_writer **writer, const char *path,
                       const struct lcap_writer_options *options, struct lcap_error *error)
{
    const struct encoder_options encoding = {.most_snaplen = options->snaplen,
                                             .unlimited_snaplen = is_unlimited(options, path),
                                             .pcapml_times = options->pcapml_times,
                                             .used_interfaces = options->used_interfaces};
    const struct output_options placing = {.overwrite = options->overwrite,
                                           .keep_cut = options->keep_cut,
                                           .no_sync = options->no_sync,
                                           .level = options->level,
                                           .threads = options->threads};
    if (options->pcapml_times && options->format == LCAP_FORMAT_PCAP)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: pcapml timestamps exist only in pcapng", path);
    struct lcap_writer *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    int rc = encoder_init(&w->encoder, &encoding, error);
    if (rc == LCAP_OK)
        rc = output_open(&w->out, path, &placing, error);
    if (rc < 0) {
        lcap_writer_discard(w);
        return rc;
    }
    w->format = options->format;
    w->pcap.out = w->out;
    w->pcap.times = options->pcap_times;
    w->pcap.unlimited_snaplen = is_unlimited(options, path);
    w->pcap.most_snaplen = options->snaplen;
    *writer = w;
    return LCAP_OK;
}

int lcap_writer_open(struct lcap_writer **writer, const char *path,
                     const struct lcap_writer_options *options, struct lcap_error *error)
{
    struct lcap_writer_options taken;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_writer_options", error);
    return rc < 0 ? rc : open_writer(writer, path, &taken, error);
}

void lcap_writer_source(struct lcap_writer *writer, const struct lcap_reader *reader)
{
    (void)reader; /* which one it is does not matter: interface numbers restart */
    encoder_source(&writer->encoder);
}

void writer_continue(struct lcap_writer *writer)
{
    encoder_continue(&writer->encoder);
}

/* Errors of a block get the name of its file; errors of the output already have it. */
static int add_place(const struct lcap_writer *w, int rc, struct lcap_error *error)
{
    if (rc < 0 && rc != LCAP_ERR_IO)
        lcap_error_prefix(error, "%s: ", output_name(w->out));
    return rc;
}

/* Corrects the snap lengths of the interfaces that are in the output. */
static void patch_snaplens(struct lcap_writer *w)
{
    const struct buffer *head = &w->encoder.head;
    w->snaplens_lifted = true;
    for (size_t i = 0; i < w->part_count; i++) {
        const struct head_part *part = &w->parts[i];
        const size_t end = i + 1 < w->part_count ? part[1].at : w->head_written;
        output_patch(w->out, part->offset, head->data + part->at, end - part->at);
    }
}

static int add_part(struct lcap_writer *w, struct lcap_error *error)
{
    void *parts = w->parts;
    int rc = memory_grow(&parts, &w->part_capacity, w->part_count + 1, sizeof *w->parts, error);
    w->parts = parts;
    if (rc == LCAP_OK)
        w->parts[w->part_count++] = (struct head_part){w->head_written, output_bytes(w->out)};
    return rc;
}

/* Writes what the encoder has changed in section header and interfaces. */
static RARE int write_head(struct lcap_writer *w, struct lcap_error *error)
{
    const struct buffer *head = &w->encoder.head;
    if (w->encoder.snaplens_lifted && !w->snaplens_lifted)
        patch_snaplens(w);
    if (head->len == w->head_written)
        return LCAP_OK;
    int rc = add_part(w, error);
    if (rc < 0)
        return rc;
    output_write(w->out, head->data + w->head_written, head->len - w->head_written);
    w->head_written = head->len;
    return LCAP_OK;
}

static bool head_has_changed(const struct lcap_writer *w)
{
    return w->encoder.head.len > w->head_written ||
           w->encoder.snaplens_lifted != w->snaplens_lifted;
}

static int write_packet(struct lcap_writer *w, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, struct lcap_error *error)
{
    struct packet_plan plan;
    int rc = encoder_plan_packet(&w->encoder, packet, edit, &plan, error);
    if (rc < 0)
        return add_place(w, rc, error);
    if (head_has_changed(w) && (rc = write_head(w, error)) < 0)
        return rc;
    uint8_t *at = output_reserve(w->out, plan.size);
    if (!at)
        return output_error(w->out, error);
    encoder_put_packet(&w->encoder, packet, &plan, at);
    output_commit(w->out, plan.size);
    return LCAP_OK;
}

static int write_edited(struct lcap_writer *w, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, struct lcap_error *error)
{
    if (w->format == LCAP_FORMAT_PCAP)
        return add_place(w, pcap_writer_packet(&w->pcap, packet, edit, error), error);
    return write_packet(w, packet, edit, error);
}

/* For a program that was built with another version of the library. */
static RARE int write_other_edit(struct lcap_writer *w, const struct lcap_packet *packet,
                                 const struct lcap_edit *edit, struct lcap_error *error)
{
    struct lcap_edit taken;
    int rc = sized_take(&taken, sizeof taken, edit, "lcap_edit", error);
    return rc < 0 ? rc : write_edited(w, packet, &taken, error);
}

int lcap_writer_packet(struct lcap_writer *w, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, struct lcap_error *error)
{
    if (edit && edit->size != sizeof *edit)
        return write_other_edit(w, packet, edit, error);
    return write_edited(w, packet, edit, error);
}

/* Copies the block of a packet, of which only the number of its interface changes. */
static int copy_block(struct lcap_writer *w, const uint8_t *block, size_t size, uint32_t id,
                      struct lcap_error *error)
{
    uint8_t *at = output_reserve(w->out, size);
    if (!at)
        return output_error(w->out, error);
    memcpy(at, block, size);
    store32(at + PCAPNG_BEFORE_BODY, id, w->encoder.big_endian);
    output_commit(w->out, size);
    return LCAP_OK;
}

int writer_copy(struct lcap_writer *w, const struct lcap_block *block, struct lcap_error *error)
{
    uint32_t id;
    if (w->format == LCAP_FORMAT_PCAP || !encoder_copies(&w->encoder, block, &id))
        return write_edited(w, &block->packet, NULL, error);
    return copy_block(w, block->body - PCAPNG_BEFORE_BODY, block->body_len + PCAPNG_BLOCK_OVERHEAD,
                      id, error);
}

int writer_copy_part(struct lcap_writer *w, const struct part_packet *packet,
                     const struct lcap_interface *interface, struct lcap_error *error)
{
    uint32_t id;
    if (w->format == LCAP_FORMAT_PCAP || !encoder_copies_part(&w->encoder, packet, interface, &id))
        return 0;
    const int rc = copy_block(w, packet->block, packet->size, id, error);
    return rc == LCAP_OK ? 1 : rc;
}

bool writer_encodes(const struct lcap_writer *w, const struct lcap_packet *packet)
{
    return w->format == LCAP_FORMAT_PCAPNG && encoder_plans_alone(&w->encoder, packet);
}

int writer_encode(const struct lcap_writer *w, const struct plan_scratch *scratch,
                  const struct lcap_packet *packet, const struct lcap_edit *edit,
                  struct buffer *blocks, struct lcap_error *error)
{
    return add_place(w, encoder_append_alone(&w->encoder, scratch, packet, edit, blocks, error),
                     error);
}

/* As write_packet() would have written one after another, if the calls show in the file. */
static void write_each(struct lcap_writer *w, const struct buffer *blocks)
{
    const uint8_t *at = blocks->data;
    for (size_t left = blocks->len, size; left > 0; left -= size, at += size) {
        size = encoder_size_of(&w->encoder, at);
        uint8_t *room = output_reserve(w->out, size);
        if (!room)
            return;
        memcpy(room, at, size);
        output_commit(w->out, size);
    }
}

int writer_take(struct lcap_writer *w, const struct buffer *blocks, struct lcap_error *error)
{
    const int rc = head_has_changed(w) ? write_head(w, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    if (output_shows_calls(w->out))
        write_each(w, blocks);
    else
        output_write(w->out, blocks->data, blocks->len);
    return output_error(w->out, error);
}

static int write_block(struct lcap_writer *w, const struct lcap_block *block,
                       struct lcap_error *error)
{
    buffer_clear(&w->block);
    int rc = block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE
                 ? encoder_describe(&w->encoder, block, error)
                 : encoder_append_block(&w->encoder, block, &w->block, error);
    if (rc < 0)
        return add_place(w, rc, error);
    if ((rc = write_head(w, error)) < 0)
        return rc;
    output_write(w->out, w->block.data, w->block.len);
    return output_error(w->out, error);
}

int lcap_writer_block(struct lcap_writer *w, const struct lcap_block *block,
                      struct lcap_error *error)
{
    if (w->format == LCAP_FORMAT_PCAP)
        return add_place(w, pcap_writer_block(&w->pcap, block, error), error);
    if (block->kind == LCAP_BLOCK_PACKET)
        return write_packet(w, &block->packet, NULL, error);
    return write_block(w, block, error);
}

const struct lcap_losses *lcap_writer_losses(const struct lcap_writer *writer)
{
    return writer->format == LCAP_FORMAT_PCAP ? &writer->pcap.losses : &writer->encoder.losses;
}

int lcap_writer_flush(struct lcap_writer *writer, struct lcap_error *error)
{
    return output_flush(writer->out, error);
}

int lcap_writer_close(struct lcap_writer *w, struct lcap_error *error)
{
    int rc;
    if (w->format == LCAP_FORMAT_PCAP) {
        rc = pcap_writer_finish(&w->pcap, error);
    } else {
        rc = encoder_finish(&w->encoder, error);
        if (rc == LCAP_OK)
            rc = write_head(w, error);
    }
    if (rc == LCAP_OK) {
        rc = output_close(w->out, error);
        w->out = NULL;
    }
    lcap_writer_discard(w);
    return rc;
}

void lcap_writer_discard(struct lcap_writer *writer)
{
    if (!writer)
        return;
    output_discard(writer->out);
    encoder_release(&writer->encoder);
    free(writer->parts);
    buffer_release(&writer->block);
    free(writer);
}
