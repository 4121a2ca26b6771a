/* Packing with libzstd. */
#include "base/codec/zstd_packer.h"

#include "base/memory.h"
#include "base/thread.h"
#include <stdlib.h>
#include <zstd.h>

struct zstd_packer {
    ZSTD_CCtx *context;
};

static bool set(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value));
}

/* Without a worker libzstd packs differently than with one or more, hence always one. */
static bool prepare(ZSTD_CCtx *context, int level, unsigned threads)
{
    ZSTD_inBuffer nothing = {0};
    ZSTD_outBuffer nowhere = {0};
    if (!context || !set(context, ZSTD_c_compressionLevel, level) ||
        !set(context, ZSTD_c_checksumFlag, 1) || !set(context, ZSTD_c_nbWorkers, (int)threads))
        return false;
    /* The first step starts the workers, for which signals are not. */
    sigset_t before;
    thread_block_signals(&before);
    const size_t rc = ZSTD_compressStream2(context, &nowhere, &nothing, ZSTD_e_continue);
    thread_restore_signals(&before);
    return !ZSTD_isError(rc);
}

int zstd_packer_new(struct zstd_packer **packer, int level, unsigned threads,
                    struct lcap_error *error)
{
    *packer = memory_new(1, sizeof **packer, error);
    if (!*packer)
        return LCAP_ERR_MEMORY;
    (*packer)->context = ZSTD_createCCtx();
    if (prepare((*packer)->context, level, threads))
        return LCAP_OK;
    zstd_packer_free(*packer);
    *packer = NULL;
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for compression");
}

int zstd_packer_step(struct zstd_packer *packer, struct codec_step *step, enum pack_goal goal,
                     struct lcap_error *error)
{
    static const ZSTD_EndDirective end[] = {
        [PACK_MORE] = ZSTD_e_continue, [PACK_FLUSH] = ZSTD_e_flush, [PACK_FINISH] = ZSTD_e_end};
    ZSTD_inBuffer in = {.src = step->in, .size = step->in_left};
    ZSTD_outBuffer out = {.dst = step->out, .size = step->out_left};
    size_t held = ZSTD_compressStream2(packer->context, &out, &in, end[goal]);
    if (ZSTD_isError(held))
        return lcap_error_set(error, LCAP_ERR_IO, "cannot compress: %s", ZSTD_getErrorName(held));
    step->in += in.pos;
    step->in_left -= in.pos;
    step->out += out.pos;
    step->out_left -= out.pos;
    return step->in_left > 0 || (goal != PACK_MORE && held > 0);
}

void zstd_packer_free(struct zstd_packer *packer)
{
    if (!packer)
        return;
    ZSTD_freeCCtx(packer->context);
    free(packer);
}

const char *zstd_library_version(void)
{
    return ZSTD_versionString();
}
