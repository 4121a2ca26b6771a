/*
 * A pcapng whose packets come out in order: blocks are encoded into a sorter
 * of bounded memory, and written when all are in.
 *
 * Interfaces, name resolution and secrets come first, then the packets, then
 * all other blocks. By sample: sampleID, then time; packets without a label
 * last, by time. By time: labelled or not. A packet without a time comes
 * first in its sample. Equal ones keep the order in which they were given.
 */
#ifndef DATASET_SORTED_WRITER_H
#define DATASET_SORTED_WRITER_H

#include "sort/sorter.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

enum packet_order { ORDER_AS_GIVEN, ORDER_SAMPLE, ORDER_TIME };

/* Where a block stands in a sorted file; `label` NULL for a packet without one. */
struct sort_key sort_key_of(enum packet_order order, const struct lcap_block *block,
                            const struct lcap_label *label);
struct sort_key sort_key_of_packet(enum packet_order order, const struct lcap_packet *packet,
                                   const struct lcap_label *label);

struct sorted_writer_options {
    enum packet_order order; /* not ORDER_AS_GIVEN */
    struct lcap_writer_options writer;
    struct sorter_options sorter; /* directory NULL: that of the output; for a stream TMPDIR */
};

struct sorted_writer;

int sorted_writer_open(struct sorted_writer **writer, const char *path,
                       const struct sorted_writer_options *options, struct lcap_error *error);
void sorted_writer_source(struct sorted_writer *writer);
int sorted_writer_block(struct sorted_writer *writer, const struct lcap_block *block,
                        struct lcap_error *error);
/* `label`: what the packet carries once edited, or NULL. */
int sorted_writer_packet(struct sorted_writer *writer, const struct lcap_packet *packet,
                         const struct lcap_edit *edit, const struct lcap_label *label,
                         struct lcap_error *error);
const struct lcap_losses *sorted_writer_losses(const struct sorted_writer *writer);
/* Sorts, writes, puts the file into place and frees, also on errors. */
int sorted_writer_close(struct sorted_writer *writer, struct lcap_error *error);
void sorted_writer_discard(struct sorted_writer *writer);

#endif
