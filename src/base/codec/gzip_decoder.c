/* gzip (RFC 1952) by zlib. Damage is never taken for the end. */
#include "base/codec/codec.h"

#include <zlib.h>

#define WINDOW_BITS (MAX_WBITS + 16) /* how zlib selects the gzip wrapper alone */

struct gzip_decoder {
    struct decoder base;
    z_stream z;
    bool padding; /* zeros were found after a member */
};

/*
 * After a member: RFC 1952 section 2.2 allows another one; gzip(1) also accepts
 * zeros after the last, as tapes leave them.
 */
static int next_member(struct gzip_decoder *d, struct codec_step *step, struct lcap_error *error)
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
    d->base.between = false;
    inflateReset(&d->z);
    return LCAP_OK;
}

/* zlib counts in 32 bits. */
static uInt at_once(size_t len)
{
    return len < UINT32_MAX ? (uInt)len : UINT32_MAX;
}

static int inflate_some(z_stream *z, struct codec_step *step)
{
    z->next_in = (Bytef *)step->in; /* zlib only reads it; its header lacks the const */
    z->avail_in = at_once(step->in_left);
    z->next_out = step->out;
    z->avail_out = at_once(step->out_left);
    const int rc = inflate(z, Z_NO_FLUSH);
    step->in_left -= (size_t)(z->next_in - step->in);
    step->in = z->next_in;
    step->out_left -= (size_t)(z->next_out - step->out);
    step->out = z->next_out;
    return rc;
}

static int gzip_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct gzip_decoder *d = (struct gzip_decoder *)decoder;
    if (decoder->between) {
        int rc = next_member(d, step, error);
        if (rc < 0 || decoder->between)
            return rc;
    }
    const int rc = inflate_some(&d->z, step);
    decoder->between = rc == Z_STREAM_END;
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
        return LCAP_OK;
    if (rc == Z_MEM_ERROR)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged gzip data: %s",
                          d->z.msg ? d->z.msg : zError(rc));
}

static void gzip_release(struct decoder *decoder)
{
    inflateEnd(&((struct gzip_decoder *)decoder)->z);
}

static int gzip_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct gzip_decoder *d = decoder_new(sizeof *d, &codec_gzip, gzip_step, gzip_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    if (inflateInit2(&d->z, WINDOW_BITS) != Z_OK)
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* RFC 1952 section 2.3.1. */
const struct codec codec_gzip = {"gzip", 0x8b1f, 0xffff, gzip_begin};
