/* The kinds of compression that are read, and what their decoders share. */
#include "base/bytes.h"
#include "base/codec/bgzf.h"
#include "base/codec/codec.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd, &codec_zstd_skippable,
                                             &codec_xz,   &codec_lz4,  &codec_bzip2};

const struct codec *codec_of_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t first[CODEC_MAGIC] = {0};
    memcpy(first, bytes, len < sizeof first ? len : sizeof first);
    const uint32_t found = load32(first, false);
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if ((found & codecs[i]->mask) == codecs[i]->magic)
            return codecs[i];
    return NULL;
}

const char *codec_form(const uint8_t *bytes, size_t len)
{
    struct bgzf_block block;
    const struct codec *codec = codec_of_bytes(bytes, len);
    if (!codec)
        return "none";
    return bgzf_examine(bytes, len, &block, NULL) == 1 ? "bgzf" : codec->name;
}

void *decoder_new(size_t size, const struct codec *codec, decoder_step *step,
                  void (*release)(struct decoder *decoder), struct lcap_error *error)
{
    struct decoder *decoder = memory_new(1, size, error);
    if (decoder)
        *decoder = (struct decoder){.codec = codec, .step = step, .release = release};
    return decoder;
}

int decoder_out_of_memory(struct decoder *decoder, struct lcap_error *error)
{
    decoder_free(decoder);
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for decompression");
}

int decoder_end(const struct decoder *decoder, struct lcap_error *error)
{
    if (decoder->between)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "the file ends in the middle of the %s data",
                          decoder->codec->name);
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    decoder->release(decoder);
    free(decoder);
}
