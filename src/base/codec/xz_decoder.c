/* xz by liblzma: one or more streams, with padding between. */
#include "base/codec/codec.h"

#include <lzma.h>

/* As much as xz -9 needs, with room to spare; a hostile header may ask for 4 GiB. */
#define MEMORY_MOST ((uint64_t)128 << 20)

struct xz_decoder {
    struct decoder base;
    lzma_stream stream;
};

static int unexpected_data(struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "unexpected data after the end of the xz data");
}

static int xz_failure(lzma_ret rc, struct lcap_error *error)
{
    switch (rc) {
    case LZMA_MEM_ERROR:
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
    case LZMA_MEMLIMIT_ERROR:
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "xz data that needs more than %llu MiB of memory",
                              (unsigned long long)(MEMORY_MOST >> 20));
    case LZMA_OPTIONS_ERROR:
        return lcap_error_set(error, LCAP_ERR_FORMAT, "xz data of an unsupported kind");
    case LZMA_FORMAT_ERROR:
        return unexpected_data(error);
    default:
        return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged xz data");
    }
}

/*
 * With LZMA_CONCATENATED liblzma does not say where a stream has ended, so each has
 * a decoder of its own. Between them there may be zeros, four at a time (section 2.2
 * of the format).
 */
static int next_stream(struct xz_decoder *d, struct codec_step *step, struct lcap_error *error)
{
    while (step->in_left > 0 && *step->in == 0) {
        step->in++;
        step->in_left--;
    }
    if (step->in_left == 0)
        return LCAP_OK;
    if (*step->in != 0xfd)
        return unexpected_data(error);
    const lzma_ret rc = lzma_stream_decoder(&d->stream, MEMORY_MOST, 0);
    d->base.between = rc != LZMA_OK;
    return rc == LZMA_OK ? LCAP_OK : xz_failure(rc, error);
}

static int xz_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct xz_decoder *d = (struct xz_decoder *)decoder;
    if (decoder->between) {
        int rc = next_stream(d, step, error);
        if (rc < 0 || decoder->between)
            return rc;
    }
    d->stream.next_in = step->in;
    d->stream.avail_in = step->in_left;
    d->stream.next_out = step->out;
    d->stream.avail_out = step->out_left;
    const lzma_ret rc = lzma_code(&d->stream, LZMA_RUN);
    step->in = d->stream.next_in;
    step->in_left = d->stream.avail_in;
    step->out = d->stream.next_out;
    step->out_left = d->stream.avail_out;
    decoder->between = rc == LZMA_STREAM_END;
    return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR ? LCAP_OK
                                                                          : xz_failure(rc, error);
}

static void xz_release(struct decoder *decoder)
{
    lzma_end(&((struct xz_decoder *)decoder)->stream);
}

static int xz_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct xz_decoder *d = decoder_new(sizeof *d, &codec_xz, xz_step, xz_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    if (lzma_stream_decoder(&d->stream, MEMORY_MOST, 0) != LZMA_OK)
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* The first four of six bytes, FD '7' 'z' 'X' 'Z' 00. */
const struct codec codec_xz = {"xz", 0x587a37fd, UINT32_MAX, xz_begin};
