/* The checksum of a file whose pieces are written in any order. */
#ifndef BASE_IO_OUTPUT_PIECES_H
#define BASE_IO_OUTPUT_PIECES_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct output_piece;

/* An all-zero struct has none. */
struct output_pieces {
    struct output_piece *items;
    size_t count, capacity;
};

int output_pieces_add(struct output_pieces *pieces, uint64_t offset, const void *data, size_t len,
                      struct lcap_error *error);

/* That of all bytes: those of `checksum`, and the pieces, which follow them without gaps. */
uint32_t output_pieces_checksum(struct output_pieces *pieces, uint32_t checksum);
void output_pieces_release(struct output_pieces *pieces);

#endif
