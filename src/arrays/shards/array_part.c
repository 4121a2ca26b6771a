/* Writes and reads parts of arrays. */
#include "arrays/shards/array_part.h"

#include "arrays/outputs/array_table.h"
#include "arrays/shards/array_renumber.h"
#include "base/memory.h"
#include "base/varint.h"
#include <stdlib.h>
#include <string.h>

const char array_part_magic[] = "lcaparry";

/* ---- settings ---- */

/* The fields that decide what rows are, once for writing and reading. */
#define TEXTS(OPTIONS)                                                                             \
    {                                                                                              \
        &(OPTIONS)->form, &(OPTIONS)->per, &(OPTIONS)->part, &(OPTIONS)->headers,                  \
            &(OPTIONS)->mask, &(OPTIONS)->series                                                   \
    }
#define NUMBERS(OPTIONS)                                                                           \
    {                                                                                              \
        (OPTIONS)->packets, (OPTIONS)->bytes, (OPTIONS)->min_packets, (OPTIONS)->seed,             \
            (OPTIONS)->inner_tunnels, (OPTIONS)->compat                                            \
    }
enum { NUMBER_COUNT = 6 };

int array_part_append_settings(struct buffer *out, const struct lcap_array_options *options,
                               const struct array_output_class *format, struct lcap_error *error)
{
    const char *const *const texts[] = TEXTS(options);
    const uint64_t numbers[NUMBER_COUNT] = NUMBERS(options);
    int rc = varint_append_text(out, format->name, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && rc == LCAP_OK; i++)
        rc = varint_append_text(out, *texts[i], error);
    for (size_t i = 0; i < NUMBER_COUNT && rc == LCAP_OK; i++)
        rc = varint_append(out, numbers[i], error);
    return rc;
}

bool array_part_take_settings(const struct buffer *bytes, struct lcap_array_options *options,
                              const char **format)
{
    struct cursor in = {.at = bytes->data, .left = bytes->len};
    const char **const texts[] = TEXTS(options);
    uint64_t numbers[NUMBER_COUNT];
    *options = (struct lcap_array_options){.size = sizeof *options};
    bool good = varint_take_text(&in, format) && *format;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && good; i++)
        good = varint_take_text(&in, texts[i]);
    for (size_t i = 0; i < NUMBER_COUNT && good; i++)
        good = varint_take(&in, &numbers[i]);
    if (!good || in.left > 0 || numbers[0] > UINT16_MAX || numbers[1] > UINT16_MAX)
        return false;
    options->packets = (uint32_t)numbers[0];
    options->bytes = (uint32_t)numbers[1];
    options->min_packets = numbers[2];
    options->seed = numbers[3];
    options->inner_tunnels = numbers[4] != 0;
    options->compat = numbers[5] != 0;
    return true;
}

/* ---- writing ---- */

struct part_output {
    struct array_output base;
    const struct array_output_class *format;
    struct array_table table; /* if the format is that of a table */
    struct array_counts counts;
    struct item_writer file;
    struct buffer item; /* the current one */
};

size_t array_part_buffers(const struct array_output *output,
                          const struct array_output_class *format)
{
    return !format->table ? output->items->count : output->settings->form->numbers_labels ? 2 : 1;
}

static void discard(struct array_output *output)
{
    struct part_output *part = (struct part_output *)output;
    if (!part)
        return;
    item_writer_discard(&part->file);
    array_table_release(&part->table);
    buffer_release(&part->item);
    free(part);
}

static int encode(const struct array_output *output, const struct array_row *row,
                  struct array_encoded *encoded, struct lcap_error *error)
{
    const struct part_output *part = (const struct part_output *)output;
    const size_t before = encoded->buffers[0].len;
    if (!part->format->table)
        return array_output_encode_items(output, row, encoded, error);
    const int rc = array_table_encode(&part->table, row, encoded, error);
    return rc == LCAP_OK && output->settings->form->numbers_labels
               ? array_renumber_note(encoded, encoded->buffers[0].len - before, error)
               : rc;
}

static int write_rows(struct array_output *output, const struct array_encoded *encoded,
                      struct lcap_error *error)
{
    struct part_output *part = (struct part_output *)output;
    const size_t count = array_part_buffers(output, part->format);
    struct buffer *item = &part->item;
    buffer_clear(item);
    int rc = varint_append(item, encoded->rows, error);
    for (size_t i = 0; i < count && rc == LCAP_OK; i++) {
        const struct buffer *buffer = &encoded->buffers[i];
        rc = varint_append(item, buffer->len, error);
        if (rc == LCAP_OK)
            rc = buffer_append(item, buffer->data, buffer->len, error);
    }
    return rc == LCAP_OK
               ? item_writer_put(&part->file, ARRAY_PART_ROWS, item->data, item->len, error)
               : rc;
}

static int put_labels(struct part_output *part, const struct array_labels *labels,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < intern_count(labels->texts) && rc == LCAP_OK; i++) {
        size_t len;
        const char *text = intern_get(labels->texts, i, &len);
        rc = item_writer_put(&part->file, ARRAY_PART_LABEL, text, len, error);
    }
    return rc;
}

/* All are numbers. */
enum { COUNTS = sizeof(struct array_counts) / sizeof(uint64_t) };

static int put_counts(struct part_output *part, struct lcap_error *error)
{
    uint64_t numbers[COUNTS];
    int rc = LCAP_OK;
    memcpy(numbers, &part->counts, sizeof numbers);
    buffer_clear(&part->item);
    for (size_t i = 0; i < COUNTS && rc == LCAP_OK; i++)
        rc = varint_append(&part->item, numbers[i], error);
    return rc == LCAP_OK ? item_writer_put(&part->file, ARRAY_PART_END, part->item.data,
                                           part->item.len, error)
                         : rc;
}

static int close_part(struct array_output *output, const struct array_labels *labels,
                      struct lcap_error *error)
{
    struct part_output *part = (struct part_output *)output;
    int rc = put_labels(part, labels, error);
    if (rc == LCAP_OK)
        rc = put_counts(part, error);
    if (rc == LCAP_OK)
        rc = item_writer_close(&part->file, error);
    discard(output);
    return rc;
}

static const struct array_output_class output_part = {
    .name = "part",
    .encode = encode,
    .write = write_rows,
    .close = close_part,
    .discard = discard,
};

int array_part_open(struct array_output **output, const struct array_target *target,
                    const struct buffer *settings, struct lcap_error *error)
{
    struct part_output *part = memory_new(1, sizeof *part, error);
    if (!part)
        return LCAP_ERR_MEMORY;
    part->base = (struct array_output){&output_part, target->settings, target->items, 0};
    part->format = target->class;
    int rc = item_writer_open(&part->file, target->path, array_part_magic, target->placing, error);
    if (rc == LCAP_OK)
        rc =
            item_writer_put(&part->file, ARRAY_PART_SETTINGS, settings->data, settings->len, error);
    if (rc == LCAP_OK && target->class->table)
        rc = array_table_init(&part->table, target->settings, target->items, target->class->table,
                              error);
    if (rc == LCAP_OK)
        *output = &part->base;
    else
        discard(&part->base);
    return rc;
}

int array_part_note(struct array_output *output, struct array_collector *collector,
                    struct lcap_error *error)
{
    struct part_output *part = (struct part_output *)output;
    struct chain_reader flows;
    uint8_t bytes[OVERLAP_FLOW_LEN];
    part->counts = collector->counts;
    int rc = array_collector_read_flows(collector, &flows, error);
    for (uint64_t left = collector->flows_kept.len; rc == LCAP_OK && left > 0;
         left -= sizeof bytes) {
        rc = chain_reader_copy(&flows, bytes, sizeof bytes, error);
        if (rc == LCAP_OK)
            rc = item_writer_put(&part->file, ARRAY_PART_FLOW, bytes, sizeof bytes, error);
    }
    return rc;
}

/* ---- reading ---- */

int array_part_take_rows(const struct item *item, size_t buffers, struct array_encoded *encoded,
                         struct lcap_error *error)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    if (!varint_take(&in, &encoded->rows) || encoded->rows == 0)
        return LCAP_ERR_FORMAT;
    for (size_t i = 0; i < buffers; i++) {
        struct buffer *buffer = &encoded->buffers[i];
        uint64_t len;
        if (!varint_take(&in, &len) || len > in.left)
            return LCAP_ERR_FORMAT;
        buffer_clear(buffer);
        const int rc = buffer_append(buffer, cursor_take(&in, (size_t)len), (size_t)len, error);
        if (rc < 0)
            return rc;
    }
    return in.left == 0 ? LCAP_OK : LCAP_ERR_FORMAT;
}

bool array_part_take_counts(const struct item *item, struct array_counts *counts)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint64_t numbers[COUNTS] = {0};
    bool good = true;
    for (size_t i = 0; i < COUNTS && good; i++)
        good = varint_take(&in, &numbers[i]);
    if (good)
        memcpy(counts, numbers, sizeof numbers);
    return good && in.left == 0;
}
