/* bzip2 by libbz2: one or more streams. */
#include "base/codec/codec.h"

#include <bzlib.h>

struct bzip2_decoder {
    struct decoder base;
    bz_stream stream;
};

static int bzip2_failure(int rc, struct lcap_error *error)
{
    if (rc == BZ_MEM_ERROR)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged bzip2 data");
}

static int next_stream(struct bzip2_decoder *d, const struct codec_step *step,
                       struct lcap_error *error)
{
    if (step->in_left == 0)
        return LCAP_OK;
    if (*step->in != 'B')
        return lcap_error_set(error, LCAP_ERR_DAMAGED,
                              "unexpected data after the end of the bzip2 data");
    BZ2_bzDecompressEnd(&d->stream);
    const int rc = BZ2_bzDecompressInit(&d->stream, 0, 0);
    d->base.between = rc != BZ_OK;
    return rc == BZ_OK ? LCAP_OK : bzip2_failure(rc, error);
}

/* libbz2 counts in 32 bits. */
static unsigned at_once(size_t len)
{
    return len < UINT32_MAX ? (unsigned)len : UINT32_MAX;
}

static int bzip2_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct bzip2_decoder *d = (struct bzip2_decoder *)decoder;
    if (decoder->between) {
        int rc = next_stream(d, step, error);
        if (rc < 0 || decoder->between)
            return rc;
    }
    bz_stream *z = &d->stream;
    z->next_in = (char *)step->in; /* which is only read */
    z->avail_in = at_once(step->in_left);
    z->next_out = (char *)step->out;
    z->avail_out = at_once(step->out_left);
    const int rc = BZ2_bzDecompress(z);
    step->in_left -= (size_t)((uint8_t *)z->next_in - step->in);
    step->in = (uint8_t *)z->next_in;
    step->out_left -= (size_t)((uint8_t *)z->next_out - step->out);
    step->out = (uint8_t *)z->next_out;
    decoder->between = rc == BZ_STREAM_END;
    return rc == BZ_OK || rc == BZ_STREAM_END ? LCAP_OK : bzip2_failure(rc, error);
}

static void bzip2_release(struct decoder *decoder)
{
    BZ2_bzDecompressEnd(&((struct bzip2_decoder *)decoder)->stream);
}

static int bzip2_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct bzip2_decoder *d =
        decoder_new(sizeof *d, &codec_bzip2, bzip2_step, bzip2_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    if (BZ2_bzDecompressInit(&d->stream, 0, 0) != BZ_OK)
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* "BZh", and a digit. */
const struct codec codec_bzip2 = {"bzip2", 0x685a42, 0xffffff, bzip2_begin};
