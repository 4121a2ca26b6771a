/*
 * Writes a pcapng with sorted packets: blocks are encoded into a sorter of bounded
 * memory, and written when all have been added.
 *
 * Interfaces, name resolution, secrets and processes come first, then the packets, then
 * all other blocks. The order by sample is by sampleID, then time; packets without a
 * label come last, by time. The order by time ignores labels. A packet without a
 * time comes first in its sample. Equal ones keep their order of arrival.
 */
#ifndef DATASET_SORTED_WRITER_H
#define DATASET_SORTED_WRITER_H

#include "base/buffer.h"
#include "capture/parts/encoded_packets.h"
#include "dataset/pass_progress.h"
#include "sort/sorter.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

/* ORDER_GROUPED: by sampleID, and in a sample as the packets came. */
enum packet_order { ORDER_AS_GIVEN, ORDER_SAMPLE, ORDER_TIME, ORDER_GROUPED };

/* The place of a block in a sorted file; `label` is NULL for a packet without one. */
struct sort_key sort_key_of(enum packet_order order, const struct lcap_block *block,
                            const struct lcap_label *label);

/* The same of a packet. */
struct sort_key sort_key_of_packet(enum packet_order order, int64_t time_ns,
                                   const struct lcap_label *label);

/* Whether a block that is not a packet comes before the packets, not after them. */
bool sorted_block_is_first(const struct lcap_block *block);

struct sorted_writer_options {
    enum packet_order order; /* not ORDER_AS_GIVEN */
    struct lcap_writer_options writer;
    struct sorter_options sorter; /* directory NULL: that of the output; for a stream TMPDIR */
    struct lcap_watcher watcher;  /* of the writing */
    uint32_t *checksum;           /* as in struct output_options */
    const char *phase;            /* of the writing, for progress; NULL: that of two passes */
};

struct sorted_writer;

int sorted_writer_open(struct sorted_writer **writer, const char *path,
                       const struct sorted_writer_options *options, struct lcap_error *error);
void sorted_writer_source(struct sorted_writer *writer);
/* The blocks go on in the section of the last source. */
void sorted_writer_continue(struct sorted_writer *writer);
int sorted_writer_block(struct sorted_writer *writer, const struct lcap_block *block,
                        struct lcap_error *error);
/* `label`: the label of the packet after the edit, or NULL. */
int sorted_writer_packet(struct sorted_writer *writer, const struct lcap_packet *packet,
                         const struct lcap_edit *edit, const struct lcap_label *label,
                         struct lcap_error *error);
/* Packets that several threads encode, as encoded_packets.h has it: the blocks, and the key of
 * each. `sample_id`: of the label of the packet after the edit, or NULL. */
struct keyed_packets {
    struct buffer blocks, keys;
};
bool sorted_writer_encodes(const struct sorted_writer *writer, const struct lcap_packet *packet);
int sorted_writer_encode(const struct sorted_writer *writer, const struct plan_scratch *scratch,
                         const struct lcap_packet *packet, const struct lcap_edit *edit,
                         const uint64_t *sample_id, struct keyed_packets *to,
                         struct lcap_error *error);
int sorted_writer_take(struct sorted_writer *writer, const struct keyed_packets *packets,
                       struct lcap_error *error);

/*
 * The packets that sorted_writer_copy() gets from now on are those of a file, which is
 * plain pcapng; `path` NULL: of none. They may stay there until they are written; if the
 * file is not as `stamp` has it then, that is an error. Valid as long as they come.
 */
struct file_stamp;
void sorted_writer_file(struct sorted_writer *writer, const char *path,
                        const struct file_stamp *stamp);
/* A packet block as it came from its reader. */
int sorted_writer_copy(struct sorted_writer *writer, const struct lcap_block *block,
                       const struct lcap_label *label, struct lcap_error *error);
const struct lcap_losses *sorted_writer_losses(const struct sorted_writer *writer);
/* Sorts, writes, renames the file and frees, even on errors. */
int sorted_writer_close(struct sorted_writer *writer, struct lcap_error *error);
void sorted_writer_discard(struct sorted_writer *writer);

#endif
