/*
 * Writes the part of a shard: a pcapng with one section for each that the shard has
 * read, so that whoever reads it meets the same sections, interfaces and packets in the
 * same order. What the output as a whole decides is left to the one who merges the
 * parts: numbers of interfaces, snap lengths, byte order, the order of packets.
 */
#ifndef DATASET_SHARD_PART_WRITER_H
#define DATASET_SHARD_PART_WRITER_H

#include <labelcap/capture.h>

struct part_writer;

/*
 * Of the options: overwrite, no_sync, threads and snaplen. `checksum` is as in struct
 * output_options.
 */
int part_writer_open(struct part_writer **writer, const char *path,
                     const struct lcap_writer_options *options, uint32_t *checksum,
                     struct lcap_error *error);

/* The following blocks come from another reader. */
void part_writer_source(struct part_writer *writer);
int part_writer_block(struct part_writer *writer, const struct lcap_block *block,
                      struct lcap_error *error);
int part_writer_packet(struct part_writer *writer, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, struct lcap_error *error);

/* Bytes so far. */
uint64_t part_writer_bytes(const struct part_writer *writer);

/* The losses so far; valid until the writer is closed or discarded. */
const struct lcap_losses *part_writer_losses(struct part_writer *writer);

/* Finishes the file, renames it and frees the writer, also on errors. */
int part_writer_close(struct part_writer *writer, struct lcap_error *error);
void part_writer_discard(struct part_writer *writer);

#endif
