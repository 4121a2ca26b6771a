/*
 * gzip (RFC 1952, by zlib) and zstd (RFC 8878) as streams: step by step, in memory
 * that does not depend on the data. input.c and output.c use them between a file
 * and their buffers.
 */
#ifndef BASE_IO_COMPRESSION_H
#define BASE_IO_COMPRESSION_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

/* Bytes to read and room to fill. A step advances both by what it used. */
struct codec_step {
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t out_left;
};

/* Decides by the first bytes of a file, of which COMPRESSION_MAGIC are enough. */
#define COMPRESSION_MAGIC 4
enum compression compression_of_bytes(const uint8_t *bytes, size_t len);

struct decompressor;

int decompressor_new(struct decompressor **d, enum compression kind, struct lcap_error *error);

/*
 * One step over one or more consecutive members (gzip) or frames (zstd). When room
 * is left and no input, everything that the input so far contains has been
 * returned. A step that fails may return bytes, too. The error text is only the
 * reason: LCAP_ERR_DAMAGED, or LCAP_ERR_FORMAT for a zstd window above 128 MiB.
 */
int decompressor_step(struct decompressor *d, struct codec_step *step, struct lcap_error *error);

/* LCAP_ERR_DAMAGED if the data must not end here. */
int decompressor_end(const struct decompressor *d, struct lcap_error *error);
void decompressor_free(struct decompressor *d);

/* Decides by the end of a file name. */
enum compression compression_of_name(const char *name);

/* The length of a file name without the ending that asks for compression. */
size_t compression_stem(const char *name);

enum compress_goal {
    COMPRESS_MORE,   /* take the bytes */
    COMPRESS_FLUSH,  /* and let a reader see all of them */
    COMPRESS_FINISH, /* and end the stream */
};

struct compressor;

int compressor_new(struct compressor **c, enum compression kind, struct lcap_error *error);

/* Returns 1 while it needs more room for its output, 0 when the goal is reached. */
int compressor_step(struct compressor *c, struct codec_step *step, enum compress_goal goal,
                    struct lcap_error *error);
void compressor_free(struct compressor *c);

#endif
