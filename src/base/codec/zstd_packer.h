/* One frame of Zstandard, packed by threads of libzstd's own. */
#ifndef BASE_CODEC_ZSTD_PACKER_H
#define BASE_CODEC_ZSTD_PACKER_H

#include "base/codec/codec.h"

/* zstd(1) has more, which need gigabytes of memory. */
#define ZSTD_LEVEL_LEAST   1
#define ZSTD_LEVEL_MOST    19
#define ZSTD_LEVEL_DEFAULT 3

enum pack_goal {
    PACK_MORE,   /* take the bytes */
    PACK_FLUSH,  /* and let a reader see all of them */
    PACK_FINISH, /* and end the frame */
};

/* The version of the library that decides about the bytes. */
const char *zstd_library_version(void);

struct zstd_packer;

/* `threads` is at least 1. The bytes are the same for any number. */
int zstd_packer_new(struct zstd_packer **packer, int level, unsigned threads,
                    struct lcap_error *error);

/* Returns 1 while it needs more room for its output, 0 when the goal is reached. */
int zstd_packer_step(struct zstd_packer *packer, struct codec_step *step, enum pack_goal goal,
                     struct lcap_error *error);
void zstd_packer_free(struct zstd_packer *packer);

#endif
