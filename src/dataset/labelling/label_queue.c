/* A list: few captures ever need it, and those only for moments. */
#include "dataset/labelling/label_queue.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* Copies what a packet points to, but for its interface. */
static void copy_contents(struct queued *queued, const struct lcap_packet *packet)
{
    uint8_t *data = queued->bytes, *options = data + packet->caplen;
    uint8_t *comment = options + packet->options_len;
    struct lcap_packet *copy = &queued->block.packet;
    *copy = *packet;
    copy->data = data;
    memcpy(data, packet->data, packet->caplen);
    if (packet->options)
        copy->options = memcpy(options, packet->options, packet->options_len);
    if (packet->comment)
        copy->comment = memcpy(comment, packet->comment, packet->comment_len);
}

static void append(struct label_queue *queue, struct queued *queued)
{
    *(queue->first ? &queue->last->next : &queue->first) = queued;
    queue->last = queued;
    queue->count++;
}

struct queued *label_queue_add(struct label_queue *queue, const struct lcap_packet *packet,
                               uint32_t file, uint64_t number, struct lcap_error *error)
{
    const size_t size = (size_t)packet->caplen + packet->options_len + packet->comment_len;
    struct queued *queued = memory_new(1, sizeof *queued + size, error);
    if (!queued)
        return NULL;
    queued->block.kind = LCAP_BLOCK_PACKET;
    copy_contents(queued, packet);
    queued->file = file;
    if (!queue->first)
        queue->first_number = number;
    append(queue, queued);
    return queued;
}

int label_queue_add_block(struct label_queue *queue, const struct lcap_block *block,
                          struct lcap_error *error)
{
    struct queued *queued = memory_new(1, sizeof *queued + block->body_len, error);
    if (!queued)
        return LCAP_ERR_MEMORY;
    queued->block = *block;
    queued->settled = true;
    if (block->body)
        queued->block.body = memcpy(queued->bytes, block->body, block->body_len);
    append(queue, queued);
    return LCAP_OK;
}

static bool is_packet(const struct queued *queued)
{
    return queued->block.kind == LCAP_BLOCK_PACKET;
}

struct queued *label_queue_find(const struct label_queue *queue, uint64_t number)
{
    uint64_t at = queue->first_number;
    struct queued *queued = queue->first;
    while (!is_packet(queued) || at++ < number)
        queued = queued->next;
    return queued;
}

int queued_settle(struct queued *queued, const struct lcap_sample *sample, struct lcap_error *error)
{
    queued->settled = true;
    queued->labelled = sample != NULL;
    if (!sample)
        return LCAP_OK;
    queued->sample = *sample;
    queued->sample.comment = memory_copy_text(sample->comment, sample->comment_len, error);
    return queued->sample.comment ? LCAP_OK : LCAP_ERR_MEMORY;
}

struct queued *label_queue_take(struct label_queue *queue)
{
    struct queued *queued = queue->first;
    if (!queued || !queued->settled)
        return NULL;
    queue->first = queued->next;
    queue->first_number += is_packet(queued);
    queue->count--;
    return queued;
}

void queued_free(struct queued *queued)
{
    free((char *)queued->sample.comment);
    free(queued);
}

void label_queue_release(struct label_queue *queue)
{
    for (struct queued *queued = queue->first, *next; queued; queued = next) {
        next = queued->next;
        queued_free(queued);
    }
    *queue = (struct label_queue){0};
}
