/*
 * Compressed data as a stream, read step by step in memory that does not depend on
 * the data. One file for each kind of compression; codecs.c has the table of them.
 */
#ifndef BASE_CODEC_CODEC_H
#define BASE_CODEC_CODEC_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to read and room to fill. A step advances both by what it used. */
struct codec_step {
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t out_left;
};

struct decoder;

/*
 * One step over one or more consecutive streams (which gzip calls members, and
 * others frames). When room is left and no input, everything that the input so far
 * contains has been returned. A step that fails may return bytes, too. The error
 * text is only the reason: LCAP_ERR_DAMAGED, or LCAP_ERR_FORMAT for what is not
 * supported, such as a window above 128 MiB.
 */
typedef int decoder_step(struct decoder *decoder, struct codec_step *step,
                         struct lcap_error *error);

/* A kind of compression. */
struct codec {
    const char *name;
    uint32_t magic, mask; /* of the first four bytes, the lowest one first */
    int (*begin)(struct decoder **decoder, struct lcap_error *error);
};

/* What every decoder begins with. */
struct decoder {
    const struct codec *codec;
    decoder_step *step;
    void (*release)(struct decoder *decoder); /* all but its own memory */
    bool between; /* a stream is complete: the data may end here, or another one follows */
};

extern const struct codec codec_gzip, codec_zstd, codec_zstd_skippable, codec_xz, codec_lz4,
    codec_bzip2;

/* Decides by the first bytes of a file, of which CODEC_MAGIC are enough; NULL: not compressed. */
#define CODEC_MAGIC 4
const struct codec *codec_of_bytes(const uint8_t *bytes, size_t len);

/* "none", "bgzf", or the name of the codec. CODEC_LOOK bytes are enough for the headers in use. */
#define CODEC_LOOK 64
const char *codec_form(const uint8_t *bytes, size_t len);

/* For begin(): `size` zeroed bytes, which begin with a struct decoder. */
void *decoder_new(size_t size, const struct codec *codec, decoder_step *step,
                  void (*release)(struct decoder *decoder), struct lcap_error *error);

/* For begin(), when the library has no memory: frees the decoder. */
int decoder_out_of_memory(struct decoder *decoder, struct lcap_error *error);

/* LCAP_ERR_DAMAGED if the data must not end here. */
int decoder_end(const struct decoder *decoder, struct lcap_error *error);
void decoder_free(struct decoder *decoder);

#endif
