/*
 * Rows on their way to the outputs: packed one behind the other by the thread that
 * reads, unpacked, masked and encoded by any thread, written in order.
 */
#ifndef ARRAYS_ARRAY_BATCH_H
#define ARRAYS_ARRAY_BATCH_H

#include "arrays/array_items.h"
#include "base/buffer.h"

/* What goes to one output: its rows, encoded as that output wants them. */
struct array_encoded {
    uint64_t rows;
    struct buffer buffers[ARRAY_MOST_ITEMS];
    struct arena texts;  /* of the row being encoded */
    struct buffer cells; /* likewise: of struct lcap_cell */
};

/* All zero: empty. */
struct array_batch {
    struct buffer packed;          /* rows that are not encoded */
    bool borrows;                  /* they are struct array_lent_row, of packets that stay: … */
    const uint8_t *lying;          /* … the one that begins there; the bytes of others are … */
    struct arena copies;           /* … here */
    size_t rows;                   /* these, and those that are */
    struct array_encoded *encoded; /* by number of the output */
    size_t outputs;
    struct array_packet *packets; /* of the row that is being encoded */
    size_t packet_capacity;
    bool notes_lengths; /* of rows with a number of their label: see array_renumber.h */
    int status;         /* of encoding */
    struct lcap_error error;
};

/* A packet as bytes: first the struct, then its bytes and the padding. */
#define ARRAY_PADDED(LEN) (((size_t)(LEN) + 7) & ~(size_t)7)

/* A row of one packet, in a batch that borrows. */
struct array_lent_row {
    struct array_row row;
    struct array_packet packet;
};

int array_batch_borrow(struct array_batch *batch, const struct array_row *row,
                       struct lcap_error *error);

/* Appends a row, and then each of its packets. */
int array_batch_add(struct array_batch *batch, const struct array_row *row,
                    struct lcap_error *error);
int array_batch_add_packet(struct array_batch *batch, const struct array_packet *packet,
                           struct lcap_error *error);

/* Takes the row at *at of `packed` and moves *at behind it. It is valid until the next call. */
int array_batch_take(struct array_batch *batch, const struct array_settings *settings, size_t *at,
                     struct array_row *row, struct lcap_error *error);

/* Empties it but for what was encoded. */
void array_batch_forget_packed(struct array_batch *batch);

/* How many bytes have been encoded. */
size_t array_batch_encoded(const struct array_batch *batch);

/* Empties it and keeps its memory. */
int array_batch_reset(struct array_batch *batch, size_t outputs, struct lcap_error *error);
void array_batch_release(struct array_batch *batch);

#endif
