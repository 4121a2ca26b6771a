/*
 * Blocks of BGZF, blocked gzip (SAM specification 4.1): each is a gzip member of at
 * most 64 KiB, packed and unpacked, that tells its own size, and is packed alone.
 */
#ifndef BASE_CODEC_BGZF_H
#define BASE_CODEC_BGZF_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

/* The longest block, packed and unpacked: its size is stored in 16 bits. */
#define BGZF_MOST ((size_t)65536)

/* What a packed block holds at most, so that it fits even where nothing can be packed; the same as
 * in htslib. */
#define BGZF_DATA ((size_t)0xff00)

/* The header of the blocks that we write, and most others do. */
#define BGZF_HEADER ((size_t)18)

struct bgzf_block {
    uint32_t coded_len;  /* of the whole block */
    uint32_t header_len; /* of its gzip header */
};

/*
 * Examines the beginning of a gzip member: 1 if it is that of a BGZF block, 0 if
 * not, or if more than `len` bytes are needed to tell. LCAP_ERR_DAMAGED: a block
 * that cannot be as short as it says. The text of errors is only the reason.
 */
int bgzf_examine(const uint8_t *bytes, size_t len, struct bgzf_block *block,
                 struct lcap_error *error);

/* How many bytes it says that the whole block, at `bytes`, unpacks to. */
uint32_t bgzf_unpacked_len(const uint8_t *bytes, const struct bgzf_block *block);

/* Its place in a file, as SAM specification 4.1.1 has it. */
static inline uint64_t bgzf_virtual_offset(uint64_t block_offset, uint32_t within)
{
    return block_offset << 16 | within;
}

struct libdeflate_decompressor;
struct libdeflate_compressor;

/* NULL with the error set if there is no memory. */
struct libdeflate_decompressor *bgzf_unpacker_new(struct lcap_error *error);
void bgzf_unpacker_free(struct libdeflate_decompressor *unpacker);

/*
 * Unpacks a whole block to the bgzf_unpacked_len() bytes at `data`, of which there
 * are at most BGZF_MOST. LCAP_ERR_DAMAGED if it does not have what its header and
 * trailer say.
 */
int bgzf_unpack(struct libdeflate_decompressor *unpacker, const uint8_t *bytes,
                const struct bgzf_block *block, uint8_t *data, struct lcap_error *error);

/* Levels of compression. The bytes at a level are the same on every processor. */
#define BGZF_LEVEL_LEAST   1
#define BGZF_LEVEL_MOST    12
#define BGZF_LEVEL_DEFAULT 1

struct libdeflate_compressor *bgzf_packer_new(int level, struct lcap_error *error);
void bgzf_packer_free(struct libdeflate_compressor *packer);

/* Packs at most BGZF_DATA bytes into the BGZF_MOST at `bytes`. Returns the length of the block. */
size_t bgzf_pack(struct libdeflate_compressor *packer, const uint8_t *data, size_t len,
                 uint8_t *bytes);

/* The version of the library that decides about the bytes. */
const char *bgzf_library_version(void);

/* The empty block that ends a file (SAM specification 4.1.2). */
#define BGZF_END_LEN 28
extern const uint8_t bgzf_end[BGZF_END_LEN];

#endif
