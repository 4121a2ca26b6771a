/* lz4 (frames) by liblz4: one or more frames, whose blocks have at most 4 MiB. */
#include "base/codec/codec.h"

#include <lz4frame.h>

struct lz4_decoder {
    struct decoder base;
    LZ4F_dctx *context;
};

static int lz4_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct lz4_decoder *d = (struct lz4_decoder *)decoder;
    if (decoder->between && step->in_left == 0)
        return LCAP_OK;
    size_t used = step->in_left, made = step->out_left;
    const size_t rc = LZ4F_decompress(d->context, step->out, &made, step->in, &used, NULL);
    if (LZ4F_isError(rc))
        return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged lz4 data: %s",
                              LZ4F_getErrorName(rc));
    step->in += used;
    step->in_left -= used;
    step->out += made;
    step->out_left -= made;
    decoder->between = rc == 0;
    return LCAP_OK;
}

static void lz4_release(struct decoder *decoder)
{
    LZ4F_freeDecompressionContext(((struct lz4_decoder *)decoder)->context);
}

static int lz4_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct lz4_decoder *d = decoder_new(sizeof *d, &codec_lz4, lz4_step, lz4_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&d->context, LZ4F_VERSION)))
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* The magic number of a frame; skippable frames are told by those of zstd, which are the same. */
const struct codec codec_lz4 = {"lz4", 0x184d2204, UINT32_MAX, lz4_begin};
