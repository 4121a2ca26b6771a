/* Writes and reads parts of rows. */
#include "tabulate/shards/rows_part.h"

#include "base/bytes.h"
#include "base/io/input.h"
#include "base/memory.h"
#include <stdlib.h>

enum { MAGIC_LEN = 8, HEAD_LEN = 5 };

static const uint8_t magic[MAGIC_LEN] = {'l', 'c', 'a', 'p', 'r', 'o', 'w', 's'};

/* ---- writing ---- */

struct rows_part {
    struct output *out;
    struct buffer item; /* the current one */
    struct row_press press;
};

static int put_item(struct rows_part *part, enum rows_item_kind kind, const void *bytes, size_t len,
                    struct lcap_error *error)
{
    uint8_t head[HEAD_LEN] = {(uint8_t)kind};
    if (len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "a row of %zu bytes is too long for a part",
                              len);
    store32(head + 1, (uint32_t)len, false);
    output_write(part->out, head, sizeof head);
    output_write(part->out, bytes, len);
    return output_error(part->out, error);
}

int rows_part_open(struct rows_part **part, const char *path, const struct buffer *settings,
                   const struct output_options *placing, struct lcap_error *error)
{
    struct rows_part *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    int rc = output_open(&made->out, path, placing, error);
    if (rc == LCAP_OK) {
        output_write(made->out, magic, sizeof magic);
        rc = put_item(made, ROWS_SETTINGS, settings->data, settings->len, error);
    }
    if (rc == LCAP_OK)
        *part = made;
    else
        rows_part_discard(made);
    return rc;
}

int rows_part_begin_group(struct rows_part *part, const struct input_group *group,
                          struct lcap_error *error)
{
    struct buffer *item = &part->item;
    buffer_clear(item);
    int rc = buffer_append(item, group->name, strlen(group->name) + 1, error);
    if (rc == LCAP_OK && group->metadata)
        rc = buffer_append(item, group->metadata, strlen(group->metadata) + 1, error);
    return rc == LCAP_OK ? put_item(part, ROWS_GROUP, item->data, item->len, error) : rc;
}

static int put_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct rows_part *part = context;
    buffer_clear(&part->item);
    const int rc = row_record_append(row, &part->item, error);
    return rc == LCAP_OK ? put_item(part, ROWS_ROW, part->item.data, part->item.len, error) : rc;
}

static int press_row(void *context, const struct lcap_flow_row *row, struct buffer *out,
                     struct lcap_error *error)
{
    (void)context;
    return row_record_append(row, out, error);
}

static int take_pressed(void *context, const void *bytes, size_t len, struct lcap_error *error)
{
    return put_item(context, ROWS_ROW, bytes, len, error);
}

struct row_target rows_part_target(struct rows_part *part)
{
    part->press = (struct row_press){press_row, take_pressed, part};
    return (struct row_target){put_row, part, &part->press};
}

/* The numbers at the end of a group, once for writing and reading. */
#define END_NUMBERS(END)                                                                           \
    {                                                                                              \
        &(END)->counts.packets, &(END)->counts.labelled, &(END)->counts.in_flows,                  \
            &(END)->counts.flows, &(END)->counts.evicted, &(END)->counts.time_backwards,           \
            &(END)->counts.unknown_fragments, &(END)->counts.peak_flows, &(END)->read,             \
            &(END)->damaged, &(END)->skipped,                                                      \
    }

static int put_damage(struct rows_part *part, const struct input_outcome *input,
                      struct rows_end *end, struct lcap_error *error)
{
    end->read += input->opened;
    end->skipped += input->status == LCAP_ERR_FORMAT;
    if (input->status != LCAP_ERR_DAMAGED)
        return LCAP_OK;
    end->damaged++;
    return put_item(part, ROWS_DAMAGE, input->error.text, strlen(input->error.text) + 1, error);
}

int rows_part_end_group(struct rows_part *part, const struct group_result *result, size_t inputs,
                        struct lcap_error *error)
{
    struct rows_end end = {.counts = result->counts};
    uint64_t *const numbers[] = END_NUMBERS(&end);
    enum { NUMBERS = sizeof numbers / sizeof *numbers };
    uint8_t bytes[8 * NUMBERS];
    int rc = LCAP_OK;
    for (size_t i = 0; i < inputs && rc == LCAP_OK; i++)
        rc = put_damage(part, &result->inputs[i], &end, error);
    for (size_t i = 0; i < NUMBERS; i++)
        store64(bytes + 8 * i, *numbers[i], false);
    return rc == LCAP_OK ? put_item(part, ROWS_END, bytes, sizeof bytes, error) : rc;
}

int rows_part_close(struct rows_part *part, struct lcap_error *error)
{
    int rc = put_item(part, ROWS_LAST, "", 0, error);
    if (rc == LCAP_OK) {
        rc = output_close(part->out, error);
        part->out = NULL;
    }
    rows_part_discard(part);
    return rc;
}

void rows_part_discard(struct rows_part *part)
{
    if (!part)
        return;
    output_discard(part->out);
    buffer_release(&part->item);
    free(part);
}

/* ---- reading ---- */

struct rows_reader {
    struct input *in;
    size_t taken; /* of the item that was passed on last */
};

int rows_reader_refuse(const struct rows_reader *reader, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: this is no part that a shard of flows writes",
                          input_name(reader->in));
}

/* Looks at the next bytes, which must be there. */
static int look(struct rows_reader *reader, size_t len, const uint8_t **bytes,
                struct lcap_error *error)
{
    const uint64_t size = input_file_size(reader->in), at = input_offset(reader->in);
    if (at > size || len > size - at)
        return rows_reader_refuse(reader, error);
    const int64_t have = input_peek(reader->in, len, bytes, error);
    if (have < 0)
        return (int)have;
    return (uint64_t)have < len ? rows_reader_refuse(reader, error) : LCAP_OK;
}

int rows_reader_open(struct rows_reader **reader, const char *path, struct lcap_error *error)
{
    struct rows_reader *made = memory_new(1, sizeof *made, error);
    const uint8_t *bytes;
    if (!made)
        return LCAP_ERR_MEMORY;
    int rc = input_open(&made->in, path, error);
    if (rc == LCAP_OK)
        rc = look(made, MAGIC_LEN, &bytes, error);
    if (rc == LCAP_OK && memcmp(bytes, magic, MAGIC_LEN) != 0)
        rc = rows_reader_refuse(made, error);
    made->taken = MAGIC_LEN;
    if (rc == LCAP_OK)
        *reader = made;
    else
        rows_reader_free(made);
    return rc;
}

int rows_reader_next(struct rows_reader *reader, struct rows_item *item, struct lcap_error *error)
{
    const uint8_t *bytes;
    input_skip(reader->in, reader->taken);
    reader->taken = 0;
    int rc = look(reader, HEAD_LEN, &bytes, error);
    if (rc < 0)
        return rc;
    item->kind = bytes[0];
    item->len = load32(bytes + 1, false);
    rc = look(reader, HEAD_LEN + item->len, &bytes, error);
    if (rc < 0)
        return rc;
    item->bytes = bytes + HEAD_LEN;
    reader->taken = HEAD_LEN + item->len;
    return LCAP_OK;
}

void rows_reader_free(struct rows_reader *reader)
{
    if (!reader)
        return;
    input_free(reader->in);
    free(reader);
}

bool rows_end_read(const struct rows_item *item, struct rows_end *end)
{
    uint64_t *const numbers[] = END_NUMBERS(end);
    struct cursor in = {.at = item->bytes, .left = item->len};
    bool good = item->kind == ROWS_END;
    *end = (struct rows_end){.read = 0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && good; i++)
        good = cursor_take64(&in, numbers[i]);
    return good && in.left == 0;
}
