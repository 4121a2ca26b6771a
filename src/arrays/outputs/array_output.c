/* What outputs share. */
#include "arrays/outputs/array_output.h"

#include "arrays/shards/array_renumber.h"

int array_output_encode_items(const struct array_output *output, const struct array_row *row,
                              struct array_encoded *encoded, struct lcap_error *error)
{
    const struct array_settings *settings = output->settings;
    const struct array_item *item = output->items->items, *const end = item + output->items->count;
    struct buffer *buffer = encoded->buffers;
    for (; item < end; item++, buffer++) {
        const int rc = buffer_reserve(buffer, item->bytes, error);
        if (rc < 0)
            return rc;
        array_item_fill(item, settings, row, buffer->data + buffer->len);
        buffer->len += item->bytes;
    }
    return LCAP_OK;
}

bool array_output_check_items(const struct array_output *output,
                              const struct array_encoded *encoded)
{
    bool good = true;
    for (size_t i = 0; i < output->items->count && good; i++) {
        const size_t row = array_shape_bytes(&output->items->items[i].shape);
        const size_t len = encoded->buffers[i].len;
        good = len % row == 0 && len / row == encoded->rows;
    }
    return good;
}

static int encode_row(const struct array_output *output, const struct array_row *row,
                      struct array_encoded *encoded, struct array_batch *batch)
{
    const size_t before = encoded->buffers[0].len;
    const int rc = output->class->encode(output, row, encoded, &batch->error);
    const bool notes = batch->notes_lengths && output->class->table;
    return rc == LCAP_OK && notes && output->settings->form->numbers_labels
               ? array_renumber_note(encoded, encoded->buffers[0].len - before, &batch->error)
               : rc;
}

void array_outputs_encode_row(struct array_output *const *outputs, const struct array_row *row,
                              struct array_batch *batch)
{
    const struct array_output *output = outputs[row->output];
    struct array_encoded *encoded = &batch->encoded[row->output];
    batch->status = encode_row(output, row, encoded, batch);
    encoded->rows++;
}

static void encode_lent(struct array_output *const *outputs, struct array_batch *batch)
{
    struct array_lent_row *lent = (struct array_lent_row *)(void *)batch->packed.data;
    for (size_t left = batch->rows; left > 0 && batch->status == LCAP_OK; left--, lent++) {
        lent->row.packets = &lent->packet;
        array_mask_apply(&outputs[0]->settings->mask, &lent->packet);
        array_outputs_encode_row(outputs, &lent->row, batch);
    }
}

void array_outputs_encode(struct array_output *const *outputs, struct array_batch *batch)
{
    struct array_row row;
    if (batch->borrows) {
        encode_lent(outputs, batch);
        return;
    }
    size_t at = 0;
    while (at < batch->packed.len && batch->status == LCAP_OK) {
        batch->status = array_batch_take(batch, outputs[0]->settings, &at, &row, &batch->error);
        if (batch->status == LCAP_OK)
            array_outputs_encode_row(outputs, &row, batch);
    }
}

int array_outputs_write(struct array_output *const *outputs, const struct array_batch *batch,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < batch->outputs && rc == LCAP_OK; i++) {
        struct array_output *output = outputs[i];
        const struct array_encoded *encoded = &batch->encoded[i];
        if (encoded->rows > 0)
            rc = output->class->write(output, encoded, error);
        output->rows += encoded->rows;
    }
    return rc;
}
