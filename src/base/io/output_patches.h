/*
 * Bytes of a compressed output that change after they have been packed: the file is
 * packed once more with them. That is rare, and spares all others a look at what they
 * are going to write.
 */
#ifndef BASE_IO_OUTPUT_PATCHES_H
#define BASE_IO_OUTPUT_PATCHES_H

#include "base/buffer.h"
#include "base/io/output.h"

struct output_patch;

/* An all-zero struct has none. */
struct output_patches {
    struct output_patch *items;
    size_t count, capacity;
    struct buffer bytes; /* of all */
};

/* The bytes at `offset` of what was written become `data`, whatever was there before. */
int output_patches_add(struct output_patches *patches, uint64_t offset, const void *data,
                       size_t len, struct lcap_error *error);

/* Writes what the compressed file `fd` holds, with the patches, to an output at `path`. */
int output_patches_apply(const struct output_patches *patches, int fd, const char *path,
                         const struct output_options *options, struct lcap_error *error);
void output_patches_release(struct output_patches *patches);

#endif
