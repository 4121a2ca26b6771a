/* Reads a piece, and joins it to those before it. */
#include "arrays/pieces/array_piece.h"

#include "arrays/pieces/piece_cuts.h"
#include "arrays/shards/array_renumber.h"
#include "base/memory.h"
#include "capture/parts/reader_guess.h"
#include <stdlib.h>
#include <string.h>

/* Limits of one piece, with which those of two threads, two for each, take less than 32 MiB. */
enum {
    MOST_BYTES = 4 << 20, /* of encoded rows */
    MOST_FLOWS = 1 << 14, /* of a sample */
    KEPT_BYTES = 2 << 20, /* of rows that are not complete */
};

/* Labels. */
#define MOST_KNOWN 1024

/* ---- reading ---- */

static int enter(struct array_piece *piece, const struct input_pass *whole,
                 const struct lcap_watcher *watcher, struct lcap_error *error)
{
    struct input_pass *input = &piece->input;
    int rc = LCAP_OK;
    if (!input->reader)
        rc = input_pass_open_parts(input, whole, &piece->input_options, watcher, error);
    if (rc == LCAP_OK)
        rc = lcap_reader_seek(input->reader, &piece->from, error);
    if (rc == LCAP_OK)
        rc = reader_place_take(&piece->begin, input->reader, error);
    if (rc == LCAP_OK)
        input_pass_begin_part(input, piece->end);
    return rc;
}

static void forget_samples(struct array_piece *piece)
{
    array_collector_release(&piece->collector);
    array_labels_release(&piece->labels);
    piece->collector = (struct array_collector){.settings = NULL};
    piece->labels = (struct array_labels){.texts = NULL};
    piece->is_ready = false;
}

/* At first, and after a collector that was left in the middle of a sample. */
static int make_collector(struct array_piece *piece, const struct array_collector *whole,
                          struct lcap_error *error)
{
    forget_samples(piece);
    int rc = array_labels_init(&piece->labels, error);
    if (rc == LCAP_OK)
        rc = array_collector_init(&piece->collector, whole->settings,
                                  whole->sink ? &piece->sink : NULL, KEPT_BYTES, whole->directory,
                                  error);
    piece->collector.keeps_flows = true;
    return rc;
}

static int prepare_rows(struct array_piece *piece, const struct array_sink *whole,
                        struct lcap_error *error)
{
    piece->batch.notes_lengths = true;
    piece->batch.status = LCAP_OK;
    array_sink_gather(&piece->sink, whole->settings, whole->outputs, whole->output_count,
                      &piece->batch);
    return array_batch_reset(&piece->batch, whole->output_count, error);
}

static int prepare(struct array_piece *piece, const struct array_reading *whole,
                   struct lcap_error *error)
{
    const struct array_collector *collector = whole->collector;
    const struct buffer comment = piece->reading.comment;
    int rc = piece->is_ready ? LCAP_OK : make_collector(piece, collector, error);
    if (rc == LCAP_OK && collector->sink)
        rc = prepare_rows(piece, collector->sink, error);
    piece->is_ready = false;
    array_collector_restart(&piece->collector);
    piece->reading = (struct array_reading){
        .dataset = whole->dataset,
        .input = whole->input,
        .lists = whole->lists,
        .list = whole->list,
        .collector = &piece->collector,
        .labels = &piece->labels,
        .comment = comment,
    };
    return rc;
}

static bool takes_too_much(const struct array_piece *piece)
{
    const struct array_collector *c = &piece->collector;
    return c->flows - c->sample_flows > MOST_FLOWS ||
           (c->sink && piece->sink.gathered > MOST_BYTES);
}

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct array_piece *piece = context;
    return takes_too_much(piece) ? 1 : array_reading_block(&piece->reading, block, error);
}

/* Whether a packet of another sample follows. */
static bool ends_sample(const struct array_piece *piece)
{
    const struct lcap_block *block;
    struct lcap_label label;
    return piece->end == 0 ||
           (lcap_reader_next(piece->input.reader, &block, NULL) == 1 &&
            block->kind == LCAP_BLOCK_PACKET && lcap_packet_label(&block->packet, &label) &&
            label.sample_id != piece->reading.sample_id);
}

static int finish(struct array_piece *piece, struct lcap_error *error)
{
    int rc = array_reading_end(&piece->reading, error);
    if (rc == LCAP_OK && piece->collector.sink)
        rc = array_sink_finish(&piece->sink, error);
    if (rc < 0 || piece->input.outcome.status < 0)
        return rc;
    rc = reader_place_take(&piece->finish, piece->input.reader, error);
    piece->is_left = rc == LCAP_OK && !ends_sample(piece);
    piece->is_ready = rc == LCAP_OK;
    return rc;
}

static int read_all(struct array_piece *piece, struct lcap_error *error)
{
    const int rc = input_pass_walk(&piece->input, take_block, piece, error);
    piece->is_left = rc == 1;
    piece->full_at = rc == 1 ? reader_offset(piece->input.reader) : 0;
    return rc == LCAP_OK ? finish(piece, error) : rc < 0 ? rc : LCAP_OK;
}

void array_piece_read(struct array_piece *piece, const struct array_reading *whole,
                      const struct input_pass *input, const struct lcap_watcher *watcher)
{
    lcap_error_clear(&piece->error);
    piece->full_at = 0;
    /* What goes wrong at a wrong place, the caller does not meet. */
    piece->is_left = enter(piece, input, watcher, &piece->error) < 0;
    if (piece->is_left)
        return;
    piece->status = prepare(piece, whole, &piece->error);
    if (piece->status == LCAP_OK)
        piece->status = read_all(piece, &piece->error);
}

void array_piece_release(struct array_piece *piece)
{
    forget_samples(piece);
    buffer_release(&piece->reading.comment);
    input_pass_close(&piece->input);
    array_batch_release(&piece->batch);
    reader_place_release(&piece->begin);
    reader_place_release(&piece->finish);
}

/* ---- joining ---- */

static int renumber(struct array_piece *piece, const struct array_sink *sink,
                    const uint32_t *numbers, struct lcap_error *error)
{
    const size_t labels = intern_count(piece->labels.texts);
    int rc = LCAP_OK;
    for (size_t i = 0; i < piece->batch.outputs && rc == LCAP_OK; i++)
        if (piece->batch.encoded[i].rows > 0)
            rc = array_renumber(sink->outputs[i], &piece->batch.encoded[i], numbers, labels, error);
    return rc;
}

/* Sets the numbers in the whole. Returns 1 if they are the same, 0 if not, or a code. */
static int find_numbers(const struct array_piece *piece, const struct array_labels *whole,
                        uint32_t *numbers, struct lcap_error *error)
{
    bool same = true;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < intern_count(piece->labels.texts) && rc == LCAP_OK; i++) {
        size_t len;
        const char *text = intern_get(piece->labels.texts, i, &len);
        rc = intern_add(whole->texts, text, len, &numbers[i], error);
        same = same && numbers[i] == i;
    }
    return rc < 0 ? rc : same;
}

static int join_rows(struct array_piece *piece, const struct array_reading *whole,
                     struct lcap_error *error)
{
    const size_t count = intern_count(piece->labels.texts);
    uint32_t *numbers = memory_new(count, sizeof *numbers, error);
    int rc = numbers ? find_numbers(piece, whole->labels, numbers, error) : LCAP_ERR_MEMORY;
    const struct array_sink *sink = whole->collector->sink;
    if (rc == 0 && sink)
        rc = renumber(piece, sink, numbers, error);
    if (rc >= 0 && sink)
        rc = array_outputs_write(sink->outputs, &piece->batch, error);
    free(numbers);
    return rc < 0 ? rc : LCAP_OK;
}

/* Numbers labels as the whole does, so that the next piece need not be renumbered; unless there are
 * very many. */
static int learn_labels(struct array_piece *piece, const struct array_labels *whole,
                        struct lcap_error *error)
{
    const size_t count = intern_count(whole->texts);
    if (count == intern_count(piece->labels.texts))
        return LCAP_OK;
    array_labels_release(&piece->labels);
    int rc = array_labels_init(&piece->labels, error);
    for (uint32_t i = 0; i < count && count <= MOST_KNOWN && rc == LCAP_OK; i++) {
        size_t len;
        uint32_t number;
        const char *text = intern_get(whole->texts, i, &len);
        rc = intern_add(piece->labels.texts, text, len, &number, error);
    }
    return rc;
}

int array_piece_join(struct array_piece *piece, struct array_reading *whole,
                     struct input_pass *input, struct lcap_error *error)
{
    const struct array_reading *reading = &piece->reading;
    input_pass_join(input, &piece->input);
    whole->unlisted += reading->unlisted;
    if (reading->met) {
        whole->met = true;
        whole->sample_id = reading->sample_id;
    }
    int rc = array_collector_join(whole->collector, &piece->collector, error);
    if (rc == LCAP_OK)
        rc = join_rows(piece, whole, error);
    return rc == LCAP_OK ? learn_labels(piece, whole->labels, error) : rc;
}
