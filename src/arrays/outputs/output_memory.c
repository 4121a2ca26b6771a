/* Copies rows to their places. */
#include "arrays/outputs/output_memory.h"

#include <string.h>

static int changed(struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_IO, "the data set has changed since it was opened");
}

/* False: a label that was not there before. */
static bool copy(const struct memory_output *m, size_t item, const struct buffer *bytes)
{
    const uint64_t row = m->base.items->items[item].bytes;
    uint8_t *place = (uint8_t *)m->memory[item] + m->base.rows * row;
    memcpy(place, bytes->data, bytes->len);
    return item != ARRAY_Y || array_labels_number(m->labels, place, bytes->len / sizeof(uint64_t));
}

static int write_rows(struct array_output *output, const struct array_encoded *encoded,
                      struct lcap_error *error)
{
    struct memory_output *m = (struct memory_output *)output;
    if (encoded->rows > m->room - output->rows)
        return changed(error);
    for (size_t i = 0; i < output->items->count; i++)
        if (m->memory[i] && encoded->buffers[i].len > 0 && !copy(m, i, &encoded->buffers[i]))
            return changed(error);
    return LCAP_OK;
}

/* It is opened and closed by its owner. */
static const struct array_output_class output_memory = {
    .name = "memory",
    .encode = array_output_encode_items,
    .check = array_output_check_items,
    .write = write_rows,
};

void memory_output_init(struct memory_output *output, const struct array_settings *settings,
                        const struct array_items *items, const struct array_labels *labels,
                        uint64_t room, void *const *memory)
{
    *output = (struct memory_output){.base = {&output_memory, settings, items, 0},
                                     .labels = labels,
                                     .room = room,
                                     .memory = memory};
}
