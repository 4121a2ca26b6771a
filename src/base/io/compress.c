/* Compression with gzip and zstd. The same input gives the same output: the header has no time and
 * no name. */
#include "base/io/compression.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define GZIP_WINDOW_BITS (MAX_WBITS + 16) /* how zlib selects the gzip wrapper */
#define GZIP_MEMORY      8                /* zlib's own default */

/* The defaults of gzip(1) and zstd(1). */
#define GZIP_LEVEL 6
#define ZSTD_LEVEL 3

struct compressor {
    enum compression kind;
    z_stream gzip;
    ZSTD_CStream *zstd;
};

static const char *const endings[] = {[COMPRESSION_GZIP] = ".gz", [COMPRESSION_ZSTD] = ".zst"};

enum compression compression_of_name(const char *name)
{
    const size_t len = strlen(name);
    for (enum compression kind = COMPRESSION_GZIP; kind <= COMPRESSION_ZSTD; kind++)
        if (text_ends_in(name, len, endings[kind]))
            return kind;
    return COMPRESSION_NONE;
}

size_t compression_stem(const char *name)
{
    const enum compression kind = compression_of_name(name);
    return strlen(name) - (kind == COMPRESSION_NONE ? 0 : strlen(endings[kind]));
}

static bool prepare(struct compressor *c)
{
    if (c->kind == COMPRESSION_GZIP)
        return deflateInit2(&c->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
                            Z_DEFAULT_STRATEGY) == Z_OK;
    c->zstd = ZSTD_createCStream();
    return c->zstd &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1));
}

int compressor_new(struct compressor **c, enum compression kind, struct lcap_error *error)
{
    struct compressor *made = memory_new(1, sizeof *made, error);
    *c = made;
    if (!made)
        return LCAP_ERR_MEMORY;
    made->kind = kind;
    if (prepare(made))
        return LCAP_OK;
    compressor_free(made);
    *c = NULL;
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for compression");
}

/* zlib counts in 32 bits. */
static uInt at_once(size_t len)
{
    return len < UINT32_MAX ? (uInt)len : UINT32_MAX;
}

static int gzip_step(struct compressor *c, struct codec_step *step, enum compress_goal goal,
                     struct lcap_error *error)
{
    static const int flush[] = {[COMPRESS_MORE] = Z_NO_FLUSH,
                                [COMPRESS_FLUSH] = Z_SYNC_FLUSH,
                                [COMPRESS_FINISH] = Z_FINISH};
    z_stream *z = &c->gzip;
    z->next_in = (Bytef *)step->in; /* zlib only reads it; its header lacks the const */
    z->avail_in = at_once(step->in_left);
    z->next_out = step->out;
    z->avail_out = at_once(step->out_left);
    int rc = deflate(z, z->avail_in < step->in_left ? Z_NO_FLUSH : flush[goal]);
    step->in_left -= (size_t)(z->next_in - step->in);
    step->in = z->next_in;
    step->out_left -= (size_t)(z->next_out - step->out);
    step->out = z->next_out;
    /* Z_BUF_ERROR: there was nothing to do. */
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return lcap_error_set(error, LCAP_ERR_IO, "cannot compress: %s", zError(rc));
    return step->in_left > 0 || step->out_left == 0;
}

static int zstd_step(struct compressor *c, struct codec_step *step, enum compress_goal goal,
                     struct lcap_error *error)
{
    static const ZSTD_EndDirective end[] = {[COMPRESS_MORE] = ZSTD_e_continue,
                                            [COMPRESS_FLUSH] = ZSTD_e_flush,
                                            [COMPRESS_FINISH] = ZSTD_e_end};
    ZSTD_inBuffer in = {.src = step->in, .size = step->in_left};
    ZSTD_outBuffer out = {.dst = step->out, .size = step->out_left};
    size_t held = ZSTD_compressStream2(c->zstd, &out, &in, end[goal]);
    if (ZSTD_isError(held))
        return lcap_error_set(error, LCAP_ERR_IO, "cannot compress: %s", ZSTD_getErrorName(held));
    step->in += in.pos;
    step->in_left -= in.pos;
    step->out += out.pos;
    step->out_left -= out.pos;
    return step->in_left > 0 || (goal != COMPRESS_MORE && held > 0);
}

int compressor_step(struct compressor *c, struct codec_step *step, enum compress_goal goal,
                    struct lcap_error *error)
{
    return c->kind == COMPRESSION_GZIP ? gzip_step(c, step, goal, error)
                                       : zstd_step(c, step, goal, error);
}

void compressor_free(struct compressor *c)
{
    if (!c)
        return;
    if (c->kind == COMPRESSION_GZIP)
        deflateEnd(&c->gzip);
    ZSTD_freeCStream(c->zstd);
    free(c);
}
