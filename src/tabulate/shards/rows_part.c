/* Writes and reads parts of rows. */
#include "tabulate/shards/rows_part.h"

#include "base/bytes.h"
#include "base/memory.h"
#include <stdlib.h>

const char rows_part_magic[ITEM_MAGIC_LEN + 1] = "lcaprows";

/* ---- writing ---- */

struct rows_part {
    struct item_writer file;
    struct buffer item; /* the current one */
    struct row_press press;
};

int rows_part_open(struct rows_part **part, const char *path, const struct buffer *settings,
                   const struct output_options *placing, struct lcap_error *error)
{
    struct rows_part *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    int rc = item_writer_open(&made->file, path, rows_part_magic, placing, error);
    if (rc == LCAP_OK)
        rc = item_writer_put(&made->file, ROWS_SETTINGS, settings->data, settings->len, error);
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
    return rc == LCAP_OK ? item_writer_put(&part->file, ROWS_GROUP, item->data, item->len, error)
                         : rc;
}

static int put_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct rows_part *part = context;
    buffer_clear(&part->item);
    const int rc = row_record_append(row, &part->item, error);
    return rc == LCAP_OK
               ? item_writer_put(&part->file, ROWS_ROW, part->item.data, part->item.len, error)
               : rc;
}

static int press_row(void *context, const struct lcap_flow_row *row, struct buffer *out,
                     struct lcap_error *error)
{
    (void)context;
    return row_record_append(row, out, error);
}

static int take_pressed(void *context, const void *bytes, size_t len, struct lcap_error *error)
{
    struct rows_part *part = context;
    return item_writer_put(&part->file, ROWS_ROW, bytes, len, error);
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
    return item_writer_put(&part->file, ROWS_DAMAGE, input->error.text,
                           strlen(input->error.text) + 1, error);
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
    return rc == LCAP_OK ? item_writer_put(&part->file, ROWS_END, bytes, sizeof bytes, error) : rc;
}

int rows_part_close(struct rows_part *part, struct lcap_error *error)
{
    int rc = item_writer_put(&part->file, ROWS_LAST, "", 0, error);
    if (rc == LCAP_OK)
        rc = item_writer_close(&part->file, error);
    rows_part_discard(part);
    return rc;
}

void rows_part_discard(struct rows_part *part)
{
    if (!part)
        return;
    item_writer_discard(&part->file);
    buffer_release(&part->item);
    free(part);
}

/* ---- reading ---- */

bool rows_end_read(const struct item *item, struct rows_end *end)
{
    uint64_t *const numbers[] = END_NUMBERS(end);
    struct cursor in = {.at = item->bytes, .left = item->len};
    bool good = item->kind == ROWS_END;
    *end = (struct rows_end){.read = 0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && good; i++)
        good = cursor_take64(&in, numbers[i]);
    return good && in.left == 0;
}
