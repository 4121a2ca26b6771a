/* A pipeline of batches: rows as they stand in parts, and then what has been pressed of them. */
#include "tabulate/shards/row_batches.h"

#include "base/pipeline.h"
#include <string.h>

enum { BATCH_LEN = 256 << 10 };

struct pressing {
    const struct row_batch_source *source;
    const struct row_press *press;
};

/* In both buffers, each row has a head in front. */
struct batch {
    struct buffer items, pressed;
    int status;
    struct lcap_error error;
};

struct head {
    uint32_t strand;
    size_t len;
};

static int put_item(struct buffer *items, const struct item *item, uint32_t strand,
                    struct lcap_error *error)
{
    const struct head head = {strand, item->len};
    const int rc = buffer_append(items, &head, sizeof head, error);
    return rc == LCAP_OK ? buffer_append(items, item->bytes, item->len, error) : rc;
}

/* Takes the next row of a buffer from *at on; false at its end. */
static bool take_item(const struct buffer *items, size_t *at, struct head *head,
                      const uint8_t **bytes)
{
    if (*at == items->len)
        return false;
    memcpy(head, items->data + *at, sizeof *head);
    *bytes = items->data + *at + sizeof *head;
    *at += sizeof *head + head->len;
    return true;
}

/* ---- the stages ---- */

static bool fill(void *context, void *buffer)
{
    const struct row_batch_source *source = ((struct pressing *)context)->source;
    struct batch *batch = buffer;
    struct item item;
    uint32_t strand;
    buffer_clear(&batch->items);
    do {
        batch->status = source->next(source->context, &item, &strand, &batch->error);
        if (batch->status != 1)
            return false;
        batch->status = put_item(&batch->items, &item, strand, &batch->error);
    } while (batch->status == LCAP_OK && batch->items.len < BATCH_LEN);
    return batch->status == LCAP_OK;
}

static int press_item(const struct pressing *pressing, const struct head *head,
                      const uint8_t *bytes, struct buffer *out, struct lcap_error *error)
{
    const struct row_batch_source *source = pressing->source;
    const struct item item = {.bytes = bytes, .len = head->len};
    const size_t at = out->len;
    struct head pressed = *head;
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    int rc = source->read(source->context, &item, head->strand, cells, &row, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, &pressed, sizeof pressed, error);
    if (rc == LCAP_OK)
        rc = pressing->press->press(pressing->press->context, &row, out, error);
    if (rc < 0)
        return rc;
    pressed.len = out->len - at - sizeof pressed;
    memcpy(out->data + at, &pressed, sizeof pressed);
    return LCAP_OK;
}

static void press_all(void *context, void *buffer)
{
    struct batch *batch = buffer;
    const uint8_t *bytes;
    struct head head;
    size_t at = 0;
    buffer_clear(&batch->pressed);
    while (batch->status == LCAP_OK && take_item(&batch->items, &at, &head, &bytes))
        batch->status = press_item(context, &head, bytes, &batch->pressed, &batch->error);
}

static int take_pressed(const struct row_press *press, const struct batch *batch,
                        struct lcap_error *error)
{
    const uint8_t *bytes;
    struct head head;
    size_t at = 0;
    int rc = batch->status < 0 ? lcap_error_copy(error, &batch->error) : LCAP_OK;
    while (rc == LCAP_OK && take_item(&batch->pressed, &at, &head, &bytes))
        rc = head.len > 0 ? press->take(press->context, bytes, head.len, error) : LCAP_OK;
    return rc;
}

static void release(void *buffer)
{
    struct batch *batch = buffer;
    buffer_release(&batch->items);
    buffer_release(&batch->pressed);
}

int row_batches_run(const struct row_batch_source *source, const struct row_press *press,
                    unsigned threads, struct lcap_error *error)
{
    struct pressing pressing = {source, press};
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct batch),
        .threads = threads,
        .start = PIPELINE_START,
        .context = &pressing,
        .first = fill,
        .work = press_all,
        .release = release,
    };
    struct pipeline *pipeline;
    struct batch *batch;
    int rc = pipeline_new(&pipeline, &plan, error);
    while (rc == LCAP_OK && (batch = pipeline_take(pipeline))) {
        rc = take_pressed(press, batch, error);
        pipeline_give_back(pipeline);
    }
    pipeline_free(pipeline);
    return rc;
}
