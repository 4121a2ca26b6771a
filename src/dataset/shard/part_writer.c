/* Writes the sections of a shard one behind the other, each with an encoder of its own. */
#include "dataset/shard/part_writer.h"

#include "base/io/output.h"
#include "base/memory.h"
#include "capture/encoder.h"
#include "dataset/losses.h"
#include <stdlib.h>

struct part_writer {
    struct output *out;
    struct encoder_options encoding;
    struct encoder encoder;    /* of this section */
    bool ends;                 /* what comes is of another one */
    size_t head_written;       /* bytes of its head that are in the output */
    struct lcap_losses losses; /* of the sections before */
    struct lcap_losses all;
    struct buffer block;
};

int part_writer_open(struct part_writer **writer, const char *path,
                     const struct lcap_writer_options *options, uint32_t *checksum,
                     struct lcap_error *error)
{
    const struct output_options placing = {.overwrite = options->overwrite,
                                           .no_sync = options->no_sync,
                                           .threads = options->threads,
                                           .checksum = checksum};
    struct part_writer *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    w->encoding = (struct encoder_options){.most_snaplen = options->snaplen, .part = true};
    int rc = encoder_init(&w->encoder, &w->encoding, error);
    if (rc == LCAP_OK)
        rc = output_open(&w->out, path, &placing, error);
    if (rc < 0)
        part_writer_discard(w);
    else
        *writer = w;
    return rc;
}

static int begin_section(struct part_writer *w, struct lcap_error *error)
{
    w->ends = false;
    if (w->encoder.head.len == 0)
        return LCAP_OK;
    losses_add(&w->losses, &w->encoder.losses);
    encoder_release(&w->encoder);
    w->head_written = 0;
    return encoder_init(&w->encoder, &w->encoding, error);
}

void part_writer_source(struct part_writer *writer)
{
    writer->ends = true;
}

static void write_head(struct part_writer *w)
{
    const struct buffer *head = &w->encoder.head;
    if (head->len > w->head_written)
        output_write(w->out, head->data + w->head_written, head->len - w->head_written);
    w->head_written = head->len;
}

static int describe(struct part_writer *w, const struct lcap_block *block, struct lcap_error *error)
{
    const int rc = block->kind == LCAP_BLOCK_SECTION ? begin_section(w, error) : LCAP_OK;
    return rc == LCAP_OK ? encoder_describe(&w->encoder, block, error) : rc;
}

static int encode_block(struct part_writer *w, const struct lcap_block *block,
                        struct lcap_error *error)
{
    const int rc = w->ends ? begin_section(w, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    return block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE
               ? describe(w, block, error)
               : encoder_append_block(&w->encoder, block, &w->block, error);
}

int part_writer_block(struct part_writer *w, const struct lcap_block *block,
                      struct lcap_error *error)
{
    buffer_clear(&w->block);
    const int rc = encode_block(w, block, error);
    if (rc < 0)
        return rc;
    write_head(w);
    output_write(w->out, w->block.data, w->block.len);
    return output_error(w->out, error);
}

int part_writer_packet(struct part_writer *w, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, struct lcap_error *error)
{
    struct packet_plan plan;
    int rc = w->ends ? begin_section(w, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    rc = encoder_plan_packet(&w->encoder, packet, edit, &plan, error);
    if (rc < 0)
        return rc;
    write_head(w);
    uint8_t *at = output_reserve(w->out, plan.size);
    if (!at)
        return output_error(w->out, error);
    encoder_put_packet(&w->encoder, packet, &plan, at);
    output_commit(w->out, plan.size);
    return LCAP_OK;
}

uint64_t part_writer_bytes(const struct part_writer *writer)
{
    return output_bytes(writer->out);
}

const struct lcap_losses *part_writer_losses(struct part_writer *writer)
{
    writer->all = writer->losses;
    losses_add(&writer->all, &writer->encoder.losses);
    return &writer->all;
}

/* A part without a section is an empty capture. */
int part_writer_close(struct part_writer *w, struct lcap_error *error)
{
    int rc = output_bytes(w->out) == 0 ? encoder_finish(&w->encoder, error) : LCAP_OK;
    if (rc == LCAP_OK) {
        write_head(w);
        rc = output_close(w->out, error);
        w->out = NULL;
    }
    part_writer_discard(w);
    return rc;
}

void part_writer_discard(struct part_writer *writer)
{
    if (!writer)
        return;
    output_discard(writer->out);
    encoder_release(&writer->encoder);
    buffer_release(&writer->block);
    free(writer);
}
