/* Packs and unpacks rows. */
#include "arrays/array_batch.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* A struct, a text, and zeros up to the next struct. */
static inline int pack(struct buffer *out, const void *head, size_t head_len, const void *tail,
                       size_t tail_len, struct lcap_error *error)
{
    const size_t padded = ARRAY_PADDED(tail_len);
    const int rc = buffer_reserve(out, head_len + padded, error);
    if (rc < 0)
        return rc;
    uint8_t *to = out->data + out->len;
    memcpy(to, head, head_len);
    if (padded > 0)
        memset(to + head_len + padded - ARRAY_PADDED(1), 0, ARRAY_PADDED(1));
    memcpy(to + head_len, tail, tail_len);
    out->len += head_len + padded;
    return LCAP_OK;
}

int array_batch_add(struct array_batch *batch, const struct array_row *row,
                    struct lcap_error *error)
{
    const int rc = pack(&batch->packed, row, sizeof *row, row->label_text, row->label_len, error);
    batch->rows += rc == LCAP_OK;
    return rc;
}

int array_batch_add_packet(struct array_batch *batch, const struct array_packet *packet,
                           struct lcap_error *error)
{
    return pack(&batch->packed, packet, sizeof *packet, packet->data, packet->captured, error);
}

/* The bytes of a packet that had to wait do not stay. */
static int copy_bytes(struct array_batch *batch, struct array_packet *packet,
                      struct lcap_error *error)
{
    char *copy = arena_take(&batch->copies, packet->captured, error);
    if (!copy)
        return LCAP_ERR_MEMORY;
    memcpy(copy, packet->data, packet->captured);
    packet->data = (uint8_t *)copy;
    return LCAP_OK;
}

int array_batch_borrow(struct array_batch *batch, const struct array_row *row,
                       struct lcap_error *error)
{
    struct buffer *rows = &batch->packed;
    int rc = buffer_reserve(rows, sizeof(struct array_lent_row), error);
    if (rc < 0)
        return rc;
    struct array_lent_row *lent = (struct array_lent_row *)(void *)(rows->data + rows->len);
    lent->row = *row;
    lent->packet = row->packets[0];
    if (lent->packet.data != batch->lying)
        rc = copy_bytes(batch, &lent->packet, error);
    rows->len += sizeof *lent;
    batch->rows++;
    return rc;
}

static void take_packets(struct array_batch *batch, const struct array_settings *settings,
                         size_t *at, const struct array_row *row)
{
    for (uint32_t i = 0; i < row->count; i++) {
        struct array_packet *packet = &batch->packets[i];
        memcpy(packet, batch->packed.data + *at, sizeof *packet);
        packet->data = batch->packed.data + *at + sizeof *packet;
        *at += sizeof *packet + ARRAY_PADDED(packet->captured);
        if (settings->per == ARRAY_PER_FLOW)
            packet->forward = packet->from_second == row->forward_is_second;
        array_mask_apply(&settings->mask, packet);
    }
}

int array_batch_take(struct array_batch *batch, const struct array_settings *settings, size_t *at,
                     struct array_row *row, struct lcap_error *error)
{
    memcpy(row, batch->packed.data + *at, sizeof *row);
    row->label_text = (const char *)batch->packed.data + *at + sizeof *row;
    *at += sizeof *row + ARRAY_PADDED(row->label_len);
    const int rc = memory_grow((void **)&batch->packets, &batch->packet_capacity, row->count,
                               sizeof *batch->packets, error);
    if (rc == LCAP_OK)
        take_packets(batch, settings, at, row);
    row->packets = batch->packets;
    return rc;
}

void array_batch_forget_packed(struct array_batch *batch)
{
    buffer_clear(&batch->packed);
    arena_reset(&batch->copies);
    batch->rows = 0;
}

size_t array_batch_encoded(const struct array_batch *batch)
{
    size_t bytes = 0;
    for (size_t i = 0; i < batch->outputs; i++)
        for (size_t k = 0; k < ARRAY_MOST_ITEMS; k++)
            bytes += batch->encoded[i].buffers[k].len;
    return bytes;
}

int array_batch_reset(struct array_batch *batch, size_t outputs, struct lcap_error *error)
{
    array_batch_forget_packed(batch);
    if (!batch->encoded) {
        batch->encoded = memory_new(outputs, sizeof *batch->encoded, error);
        batch->outputs = batch->encoded ? outputs : 0;
    }
    for (size_t i = 0; i < batch->outputs; i++) {
        batch->encoded[i].rows = 0;
        for (size_t k = 0; k < ARRAY_MOST_ITEMS; k++)
            buffer_clear(&batch->encoded[i].buffers[k]);
    }
    return batch->encoded ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void release_encoded(struct array_encoded *encoded)
{
    for (size_t i = 0; i < ARRAY_MOST_ITEMS; i++)
        buffer_release(&encoded->buffers[i]);
    buffer_release(&encoded->cells);
    arena_release(&encoded->texts);
}

void array_batch_release(struct array_batch *batch)
{
    for (size_t i = 0; i < batch->outputs; i++)
        release_encoded(&batch->encoded[i]);
    free(batch->encoded);
    free(batch->packets);
    buffer_release(&batch->packed);
    arena_release(&batch->copies);
}
