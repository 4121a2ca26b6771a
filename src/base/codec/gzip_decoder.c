/* gzip (RFC 1952): one member after another. Damage is never taken for the end. */
#include "base/codec/gzip_inflate.h"

struct gzip_decoder {
    struct decoder base;
    struct gzip_inflater *inflater;
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
    if (d->padding || step->in[0] != 0x1f || (step->in_left > 1 && step->in[1] != 0x8b))
        return lcap_error_set(error, LCAP_ERR_DAMAGED,
                              "unexpected data after the end of the gzip data");
    d->base.between = false;
    gzip_inflater_reset(d->inflater);
    return LCAP_OK;
}

static int gzip_step(struct decoder *decoder, struct codec_step *step, struct lcap_error *error)
{
    struct gzip_decoder *d = (struct gzip_decoder *)decoder;
    if (decoder->between) {
        int rc = next_member(d, step, error);
        if (rc < 0 || decoder->between)
            return rc;
    }
    const int rc = gzip_inflater_step(d->inflater, step, error);
    decoder->between = rc == 1;
    return rc < 0 ? rc : LCAP_OK;
}

static void gzip_release(struct decoder *decoder)
{
    gzip_inflater_free(((struct gzip_decoder *)decoder)->inflater);
}

static int gzip_begin(struct decoder **decoder, struct lcap_error *error)
{
    struct gzip_decoder *d = decoder_new(sizeof *d, &codec_gzip, gzip_step, gzip_release, error);
    *decoder = NULL;
    if (!d)
        return LCAP_ERR_MEMORY;
    d->inflater = gzip_inflater_new();
    if (!d->inflater)
        return decoder_out_of_memory(&d->base, error);
    *decoder = &d->base;
    return LCAP_OK;
}

/* RFC 1952 section 2.3.1. */
const struct codec codec_gzip = {"gzip", 0x8b1f, 0xffff, gzip_begin};
