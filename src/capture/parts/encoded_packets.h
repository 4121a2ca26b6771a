/* For writers of pcapng whose packets are encoded by several threads at once. */
#ifndef CAPTURE_PARTS_ENCODED_PACKETS_H
#define CAPTURE_PARTS_ENCODED_PACKETS_H

#include "base/buffer.h"
#include <labelcap/capture.h>

/* What a thread changes when it encodes a packet. */
struct plan_scratch {
    struct buffer *options; /* of the packet, if they cannot be copied unchanged */
    struct lcap_losses *losses;
};

/* Whether the packet is encoded without a change to the writer, as one without a new interface. */
bool writer_encodes(const struct lcap_writer *writer, const struct lcap_packet *packet);

/* Appends the block of a packet, which writer_encodes(). */
int writer_encode(const struct lcap_writer *writer, const struct plan_scratch *scratch,
                  const struct lcap_packet *packet, const struct lcap_edit *edit,
                  struct buffer *blocks, struct lcap_error *error);

/* Writes what was encoded; the losses are not among lcap_writer_losses(). */
int writer_take(struct lcap_writer *writer, const struct buffer *blocks, struct lcap_error *error);

#endif
