/*
 * Packets that wait because the label of one before them is not known yet: a fragment
 * whose flow a later one tells. They leave in the order in which they came, and with them
 * the blocks between them.
 */
#ifndef DATASET_LABELLING_LABEL_QUEUE_H
#define DATASET_LABELLING_LABEL_QUEUE_H

#include <labelcap/label.h>

/* A copy of a block; of a packet, also its label once that is known. */
struct queued {
    struct lcap_block block; /* its interface is that of the reader */
    uint32_t file;
    bool settled;
    bool labelled;
    struct lcap_sample sample; /* its comment is a copy */
    struct queued *next;
    uint8_t bytes[]; /* the body; of a packet: data, options, comment */
};

/* All zero when empty. */
struct label_queue {
    struct queued *first, *last;
    uint64_t first_number; /* how many packets came before the first one */
    size_t count;
};

/* Appends a packet that is not settled; `number` packets came before it. NULL without memory. */
struct queued *label_queue_add(struct label_queue *queue, const struct lcap_packet *packet,
                               uint32_t file, uint64_t number, struct lcap_error *error);

/* Appends any other block. */
int label_queue_add_block(struct label_queue *queue, const struct lcap_block *block,
                          struct lcap_error *error);

/* The packet of the queue before which `number` packets came. */
struct queued *label_queue_find(const struct label_queue *queue, uint64_t number);

/* `sample` NULL: no rule labels the packet. */
int queued_settle(struct queued *queued, const struct lcap_sample *sample,
                  struct lcap_error *error);

/* Takes the first block, unless it is a packet that is not settled; else NULL. Freed with
 * queued_free(). */
struct queued *label_queue_take(struct label_queue *queue);
void queued_free(struct queued *queued);

void label_queue_release(struct label_queue *queue);

#endif
