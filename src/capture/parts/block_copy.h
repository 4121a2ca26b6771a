/* Packet blocks that a writer can take as they stand. */
#ifndef CAPTURE_PARTS_BLOCK_COPY_H
#define CAPTURE_PARTS_BLOCK_COPY_H

#include "capture/parts/part_reader.h"

/*
 * Whether an Enhanced Packet Block, as it came from its reader, has what an encoder would
 * write of its packet: the time and the bytes that were read, one end of options, and
 * zeros where nothing is.
 */
bool block_is_as_written(const struct lcap_block *block);

/*
 * Writes the packet of a block as it came from its reader, but for its interface, which
 * may be another description of the same: a copy, wherever that is the same.
 */
int writer_copy(struct lcap_writer *writer, const struct lcap_block *block,
                struct lcap_error *error);

/*
 * Returns 1 if it has copied the packet of a part, whose interface is described by
 * `interface`; 0 if the packet has to be encoded.
 */
int writer_copy_part(struct lcap_writer *writer, const struct part_packet *packet,
                     const struct lcap_interface *interface, struct lcap_error *error);

#endif
