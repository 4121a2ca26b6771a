/* Zstandard (RFC 8878) by libzstd. */
#include "base/codec/codec.h"

#include <zstd.h>
#include <zstd_errors.h>

/*
 * 2^27 bytes is the largest window that zstd(1) reads without --long, and thus the
 * largest that published files use. The format allows 2^31.
 */
#define WINDOW_LOG_MAX 27

/*
 * RFC 8878 section 3.1.1: magic number and descriptor, from which the length
 * of the frame header follows; and the header of each block.
 */
#define FRAME_START  5
#define BLOCK_HEADER 3

struct zstd_decoder {
    struct decoder base;
    ZSTD_DStream *stream;
    size_t wanted; /* the next size that zstd asks for */
    bool cut;      /* the last step filled its room: zstd may have more */
};

static int zstd_failure(size_t code, struct lcap_error *error)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "zstd data that needs a window of more than %d MiB",
                              1 << (WINDOW_LOG_MAX - 20));
    case ZSTD_error_memory_allocation:
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
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
static size_t one_thing(const struct zstd_decoder *d, size_t in_left)
{
    size_t len = d->wanted > BLOCK_HEADER ? d->wanted - BLOCK_HEADER : d->wanted;
    return d->cut ? 0 : len < in_left ? len : in_left;
}

static int zstd_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct zstd_decoder *d = (struct zstd_decoder *)decoder;
    if (decoder->between && step->in_left == 0)
        return LCAP_OK;
    ZSTD_inBuffer in = {.src = step->in, .size = one_thing(d, step->in_left)};
    ZSTD_outBuffer out = {.dst = step->out, .size = step->out_left};
    size_t rc = ZSTD_decompressStream(d->stream, &out, &in);
    if (ZSTD_isError(rc))
        return zstd_failure(rc, error);
    step->in += in.pos;
    step->in_left -= in.pos;
    step->out += out.pos;
    step->out_left -= out.pos;
    d->cut = step->out_left == 0;
    decoder->between = rc == 0;
    d->wanted = rc == 0 ? FRAME_START : rc;
    return LCAP_OK;
}

static void zstd_release(struct decoder *decoder)
{
    ZSTD_freeDStream(((struct zstd_decoder *)decoder)->stream);
}

static int zstd_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct zstd_decoder *d = decoder_new(sizeof *d, &codec_zstd, zstd_step, zstd_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    d->stream = ZSTD_createDStream();
    d->wanted = FRAME_START;
    if (!d->stream ||
        ZSTD_isError(ZSTD_DCtx_setParameter(d->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* RFC 8878 section 3.1.1. A skippable frame (section 3.1.2) may come first: the second magic. */
const struct codec codec_zstd = {"zstd", ZSTD_MAGICNUMBER, UINT32_MAX, zstd_begin};
const struct codec codec_zstd_skippable = {"zstd", ZSTD_MAGIC_SKIPPABLE_START,
                                           ZSTD_MAGIC_SKIPPABLE_MASK, zstd_begin};
