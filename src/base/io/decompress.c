/* Decompression of gzip and zstd: consecutive members, which the Zstandard format calls frames.
 * Damage is never taken for the end. */
#include "base/io/compression.h"

#include "base/bytes.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/*
 * 2^27 bytes is the largest window that zstd(1) reads without --long, and thus the
 * largest that published files use. The format allows 2^31.
 */
#define ZSTD_WINDOW_LOG_MAX 27

#define GZIP_WINDOW_BITS (MAX_WBITS + 16) /* how zlib selects the gzip wrapper alone */

/*
 * RFC 8878 section 3.1.1: magic number and descriptor, from which the length
 * of the frame header follows; and the header of each block.
 */
#define FRAME_START  5
#define BLOCK_HEADER 3

/* How one kind of compressed data is decompressed. */
struct unpacker {
    const char *name;
    bool (*prepare)(struct decompressor *d); /* false: no memory */
    int (*step)(struct decompressor *d, struct codec_step *step, struct lcap_error *error);
    void (*release)(struct decompressor *d);
};

struct decompressor {
    const struct unpacker *unpacker;
    bool between; /* a member or frame is complete: the data may end here */

    z_stream gzip;
    bool padding; /* zeros were found after a gzip member */

    ZSTD_DStream *zstd;
    size_t wanted; /* the next size that zstd asks for */
    bool cut;      /* the last step filled its room: zstd may have more */
};

enum compression compression_of_bytes(const uint8_t *bytes, size_t len)
{
    /* The first four bytes, the lowest one first: RFC 1952 section 2.3.1, RFC 8878 section 3.1. */
    static const struct {
        uint32_t magic, mask;
        enum compression kind;
    } formats[] = {
        {0x8b1f, 0xffff, COMPRESSION_GZIP},
        {ZSTD_MAGICNUMBER, UINT32_MAX, COMPRESSION_ZSTD},
        {ZSTD_MAGIC_SKIPPABLE_START, ZSTD_MAGIC_SKIPPABLE_MASK, COMPRESSION_ZSTD},
    };
    uint8_t first[COMPRESSION_MAGIC] = {0};
    memcpy(first, bytes, len < sizeof first ? len : sizeof first);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if ((load32(first, false) & formats[i].mask) == formats[i].magic)
            return formats[i].kind;
    return COMPRESSION_NONE;
}

static int out_of_memory(struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
}

/*
 * After a member: RFC 1952 section 2.2 allows another one; gzip(1) also accepts
 * zeros after the last, as tapes leave them.
 */
static int next_member(struct decompressor *d, struct codec_step *step, struct lcap_error *error)
{
    while (step->in_left > 0 && *step->in == 0) {
        d->padding = true;
        step->in++;
        step->in_left--;
    }
    if (step->in_left == 0)
        return LCAP_OK;
    if (d->padding || *step->in != 0x1f)
        return lcap_error_set(error, LCAP_ERR_DAMAGED,
                              "unexpected data after the end of the gzip data");
    d->between = false;
    inflateReset(&d->gzip);
    return LCAP_OK;
}

/* zlib counts in 32 bits. */
static uInt at_once(size_t len)
{
    return len < UINT32_MAX ? (uInt)len : UINT32_MAX;
}

static bool gzip_prepare(struct decompressor *d)
{
    return inflateInit2(&d->gzip, GZIP_WINDOW_BITS) == Z_OK;
}

static void gzip_release(struct decompressor *d)
{
    inflateEnd(&d->gzip);
}

static int gzip_step(struct decompressor *d, struct codec_step *step, struct lcap_error *error)
{
    if (d->between) {
        int rc = next_member(d, step, error);
        if (rc < 0 || d->between)
            return rc;
    }
    z_stream *z = &d->gzip;
    z->next_in = (Bytef *)step->in; /* zlib only reads it; its header lacks the const */
    z->avail_in = at_once(step->in_left);
    z->next_out = step->out;
    z->avail_out = at_once(step->out_left);
    int rc = inflate(z, Z_NO_FLUSH);
    step->in_left -= (size_t)(z->next_in - step->in);
    step->in = z->next_in;
    step->out_left -= (size_t)(z->next_out - step->out);
    step->out = z->next_out;

    d->between = rc == Z_STREAM_END;
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
        return LCAP_OK;
    if (rc == Z_MEM_ERROR)
        return out_of_memory(error);
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged gzip data: %s",
                          z->msg ? z->msg : zError(rc));
}

static bool zstd_prepare(struct decompressor *d)
{
    d->zstd = ZSTD_createDStream();
    d->wanted = FRAME_START;
    return d->zstd &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX));
}

static void zstd_release(struct decompressor *d)
{
    ZSTD_freeDStream(d->zstd);
}

static int zstd_failure(size_t code, struct lcap_error *error)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "zstd data that needs a window of more than %d MiB",
                              1 << (ZSTD_WINDOW_LOG_MAX - 20));
    case ZSTD_error_memory_allocation:
        return out_of_memory(error);
    default:
        return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged zstd data: %s",
                              ZSTD_getErrorName(code));
    }
}

/*
 * A call of ZSTD_decompressStream() that fails does not say how much it has
 * written, so everything since the previous call would be lost. Therefore each call
 * handles only one thing: the rest of its output, a block header, or a block. Then
 * a call that fails has written nothing. The size that it asks for includes the
 * header of the next block.
 */
static size_t one_thing(const struct decompressor *d, size_t in_left)
{
    size_t len = d->wanted > BLOCK_HEADER ? d->wanted - BLOCK_HEADER : d->wanted;
    return d->cut ? 0 : len < in_left ? len : in_left;
}

static int zstd_step(struct decompressor *d, struct codec_step *step, struct lcap_error *error)
{
    if (d->between && step->in_left == 0)
        return LCAP_OK;
    ZSTD_inBuffer in = {.src = step->in, .size = one_thing(d, step->in_left)};
    ZSTD_outBuffer out = {.dst = step->out, .size = step->out_left};
    size_t rc = ZSTD_decompressStream(d->zstd, &out, &in);
    if (ZSTD_isError(rc))
        return zstd_failure(rc, error);
    step->in += in.pos;
    step->in_left -= in.pos;
    step->out += out.pos;
    step->out_left -= out.pos;
    d->cut = step->out_left == 0;
    d->between = rc == 0;
    d->wanted = rc == 0 ? FRAME_START : rc;
    return LCAP_OK;
}

static const struct unpacker unpackers[] = {
    [COMPRESSION_GZIP] = {"gzip", gzip_prepare, gzip_step, gzip_release},
    [COMPRESSION_ZSTD] = {"zstd", zstd_prepare, zstd_step, zstd_release},
};

int decompressor_new(struct decompressor **d, enum compression kind, struct lcap_error *error)
{
    struct decompressor *made = memory_new(1, sizeof *made, error);
    *d = made;
    if (!made)
        return LCAP_ERR_MEMORY;
    made->unpacker = &unpackers[kind];
    if (made->unpacker->prepare(made))
        return LCAP_OK;
    decompressor_free(made);
    *d = NULL;
    return out_of_memory(error);
}

int decompressor_step(struct decompressor *d, struct codec_step *step, struct lcap_error *error)
{
    return d->unpacker->step(d, step, error);
}

int decompressor_end(const struct decompressor *d, struct lcap_error *error)
{
    if (d->between)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "the file ends in the middle of the %s data",
                          d->unpacker->name);
}

void decompressor_free(struct decompressor *d)
{
    if (!d)
        return;
    d->unpacker->release(d);
    free(d);
}
