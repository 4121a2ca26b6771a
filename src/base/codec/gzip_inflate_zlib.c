/* gzip by zlib. */
#include "base/codec/gzip_inflate.h"

#include <stdlib.h>
#include <zlib.h>

#define WINDOW_BITS (MAX_WBITS + 16) /* how zlib selects the gzip wrapper alone */

struct gzip_inflater {
    z_stream z;
};

struct gzip_inflater *gzip_inflater_new(void)
{
    struct gzip_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater && inflateInit2(&inflater->z, WINDOW_BITS) == Z_OK)
        return inflater;
    free(inflater);
    return NULL;
}

void gzip_inflater_reset(struct gzip_inflater *inflater)
{
    inflateReset(&inflater->z);
}

/* zlib counts in 32 bits. */
static uInt at_once(size_t len)
{
    return len < UINT32_MAX ? (uInt)len : UINT32_MAX;
}

int gzip_inflater_step(struct gzip_inflater *inflater, struct codec_step *step,
                       struct lcap_error *error)
{
    z_stream *z = &inflater->z;
    z->next_in = (Bytef *)step->in; /* zlib only reads it; its header lacks the const */
    z->avail_in = at_once(step->in_left);
    z->next_out = step->out;
    z->avail_out = at_once(step->out_left);
    const int rc = inflate(z, Z_NO_FLUSH);
    step->in_left -= (size_t)(z->next_in - step->in);
    step->in = z->next_in;
    step->out_left -= (size_t)(z->next_out - step->out);
    step->out = z->next_out;
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
        return rc == Z_STREAM_END;
    if (rc == Z_MEM_ERROR)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged gzip data: %s",
                          z->msg ? z->msg : zError(rc));
}

void gzip_inflater_free(struct gzip_inflater *inflater)
{
    if (!inflater)
        return;
    inflateEnd(&inflater->z);
    free(inflater);
}
