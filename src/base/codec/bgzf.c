/* Blocks of BGZF by libdeflate. */
#include "base/codec/bgzf.h"

#include "base/bytes.h"
#include <libdeflate.h>
#include <string.h>

/*
 * RFC 1952 section 2.3: two magic bytes, method 8, flags of which only "extra field"
 * is set, time, two more, and the length of the extra field. The trailer is a CRC-32
 * and the length.
 */
#define FIXED_HEADER 12
#define TRAILER      8

/* SAM specification 4.1: the subfield "BC" of 2 bytes, the length of the block less 1. */
#define SUBFIELD_HEADER 4
#define SIZE_FIELD      6

static const uint8_t header[BGZF_HEADER - 2] = {0x1f, 0x8b, 8, 4, 0,   0,   0, 0,
                                                0,    0xff, 6, 0, 'B', 'C', 2, 0};

/* clang-format off */
const uint8_t bgzf_end[BGZF_END_LEN] = {
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 'B', 'C', 2, 0, 27, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0
};
/* clang-format on */

/* The size field in the extra field, or NULL. */
static const uint8_t *find_size(const uint8_t *extra, size_t len)
{
    while (len >= SIZE_FIELD) {
        const size_t skip = SUBFIELD_HEADER + (size_t)load16(extra + 2, false);
        if (memcmp(extra, header + FIXED_HEADER, SUBFIELD_HEADER) == 0)
            return extra + SUBFIELD_HEADER;
        if (skip > len)
            return NULL;
        extra += skip;
        len -= skip;
    }
    return NULL;
}

int bgzf_examine(const uint8_t *bytes, size_t len, struct bgzf_block *block,
                 struct lcap_error *error)
{
    if (len < FIXED_HEADER || memcmp(bytes, header, 4) != 0)
        return 0;
    const size_t extra_len = load16(bytes + 10, false);
    if (extra_len > len - FIXED_HEADER)
        return 0;
    const uint8_t *size = find_size(bytes + FIXED_HEADER, extra_len);
    if (!size)
        return 0;
    block->header_len = (uint32_t)(FIXED_HEADER + extra_len);
    block->coded_len = load16(size, false) + 1u;
    if (block->coded_len > block->header_len + TRAILER)
        return 1;
    return lcap_error_set(error, LCAP_ERR_DAMAGED,
                          "a BGZF block of %u bytes, which has no room for its data",
                          block->coded_len);
}

uint32_t bgzf_unpacked_len(const uint8_t *bytes, const struct bgzf_block *block)
{
    return load32(bytes + block->coded_len - 4, false);
}

static int out_of_memory(struct lcap_error *error, const char *purpose)
{
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for %s", purpose);
}

struct libdeflate_decompressor *bgzf_unpacker_new(struct lcap_error *error)
{
    struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor();
    if (!unpacker)
        out_of_memory(error, "decompression");
    return unpacker;
}

void bgzf_unpacker_free(struct libdeflate_decompressor *unpacker)
{
    libdeflate_free_decompressor(unpacker);
}

static int damaged(struct lcap_error *error, const char *reason)
{
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged BGZF block: %s", reason);
}

int bgzf_unpack(struct libdeflate_decompressor *unpacker, const uint8_t *bytes,
                const struct bgzf_block *block, uint8_t *data, struct lcap_error *error)
{
    const size_t len = bgzf_unpacked_len(bytes, block);
    const size_t deflated = block->coded_len - block->header_len - TRAILER;
    size_t used, unpacked;
    switch (libdeflate_deflate_decompress_ex(unpacker, bytes + block->header_len, deflated, data,
                                             len, &used, &unpacked)) {
    case LIBDEFLATE_SUCCESS:
        break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
        return damaged(error, "its data is longer than it says");
    default:
        return damaged(error, "invalid deflate data");
    }
    if (used != deflated || unpacked != len)
        return damaged(error, "its data is shorter than it says");
    if (libdeflate_crc32(0, data, len) != load32(bytes + block->coded_len - TRAILER, false))
        return damaged(error, "incorrect data check");
    return LCAP_OK;
}

struct libdeflate_compressor *bgzf_packer_new(int level, struct lcap_error *error)
{
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(level);
    if (!packer)
        out_of_memory(error, "compression");
    return packer;
}

void bgzf_packer_free(struct libdeflate_compressor *packer)
{
    libdeflate_free_compressor(packer);
}

/* Deflate's stored blocks (RFC 1951 section 3.2.4), for data that does not pack. */
static size_t store(const uint8_t *data, size_t len, uint8_t *to)
{
    to[0] = 1; /* the last block, stored */
    store16(to + 1, (uint16_t)len, false);
    store16(to + 3, (uint16_t)~len, false);
    memcpy(to + 5, data, len);
    return len + 5;
}

size_t bgzf_pack(struct libdeflate_compressor *packer, const uint8_t *data, size_t len,
                 uint8_t *bytes)
{
    memcpy(bytes, header, sizeof header);
    uint8_t *to = bytes + BGZF_HEADER;
    size_t deflated =
        libdeflate_deflate_compress(packer, data, len, to, BGZF_MOST - BGZF_HEADER - TRAILER);
    if (deflated == 0)
        deflated = store(data, len, to);
    store32(to + deflated, libdeflate_crc32(0, data, len), false);
    store32(to + deflated + 4, (uint32_t)len, false);
    const size_t whole = BGZF_HEADER + deflated + TRAILER;
    store16(bytes + BGZF_HEADER - 2, (uint16_t)(whole - 1), false);
    return whole;
}

const char *bgzf_library_version(void)
{
    return LIBDEFLATE_VERSION_STRING;
}
