/*
 * A stable sort of blocks by a key, in bounded memory.
 *
 * Blocks are collected in one slab of the memory allowed, with the index that
 * orders them at its other end. A full slab is sorted and spilled as a run to an
 * unnamed temporary file; sorter_next() merges the runs. The resulting order does
 * not depend on the memory: equal keys keep their order of arrival. A block longer
 * than half of the memory raises the limit by its length.
 *
 * Blocks that stay in a regular file need not be held: sorter_refer() adds only their
 * entries of the index, and their bytes are read again in the end. So long as that is
 * faster; otherwise the sorter reads them at once. If their output can be written at any
 * place, windows of them are sorted and scattered, which takes little memory.
 *
 *     int rc = sorter_new(&s, &options, &error);
 *     ... uint8_t *at = sorter_reserve(s, len, &error); fill it; sorter_commit(s, key, len);
 *     rc = sorter_finish(s, &error);
 *     while ((rc = sorter_next(s, &block, &error)) == 1)
 *         use block.key, block.data, block.len;
 *     sorter_free(s);
 */
#ifndef SORT_SORTER_H
#define SORT_SORTER_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compared in this order: rank, then primary, then secondary. */
struct sort_key {
    uint32_t rank;
    uint64_t primary;
    int64_t secondary;
};

/* Whether bytes that were read again can be a block of that length. */
typedef bool block_check(const uint8_t *block, uint32_t len);

struct sorter_options {
    uint64_t memory;       /* bytes for slab, index and merge buffers in all, at most */
    const char *directory; /* for spill files */
    unsigned threads;      /* the caller's included */
    uint64_t least;        /* bytes that are expected at least; 0: unknown */
    block_check *is_sound; /* NULL: no block stays in a file */
    bool scatters;         /* sorter_scatter() will be called */
};

struct sorted_block {
    struct sort_key key; /* zeros with `is_sound` */
    const uint8_t *data; /* valid until the next call on the sorter */
    uint32_t len;
};

/*
 * The memory that suits most machines. A sort of a gigabyte in memory takes longer
 * than one with a temporary file: memory that is touched for the first time costs more
 * than copies to and from the cache of the file system.
 */
#define SORTER_USUAL_MEMORY ((uint64_t)128 << 20)

/* The minimum memory of a sorter: a smaller figure is raised to it. */
#define SORTER_MIN_MEMORY (1u << 20)

struct sorter;

int sorter_new(struct sorter **sorter, const struct sorter_options *options,
               struct lcap_error *error);

/* Room for a block of `len` bytes; NULL with the error set if spilling failed. */
uint8_t *sorter_reserve(struct sorter *sorter, uint32_t len, struct lcap_error *error);

/* Adds the block that was written to the room just reserved. */
void sorter_commit(struct sorter *sorter, struct sort_key key, uint32_t len);

struct file_stamp;

/*
 * The blocks that follow are of that file, and may stay there. `path` NULL: of none.
 * Path and stamp must be valid as long as blocks of the file come.
 */
void sorter_file(struct sorter *sorter, const char *path, const struct file_stamp *stamp);

/* Whether sorter_refer() may be used now. */
bool sorter_may_refer(const struct sorter *sorter);

/* Adds the block that was written to the room just reserved, and is the same at that offset of the
 * file, in the order of which blocks come. */
int sorter_refer(struct sorter *sorter, struct sort_key key, uint32_t len, uint64_t offset,
                 struct lcap_error *error);

/* No more blocks come. */
int sorter_finish(struct sorter *sorter, struct lcap_error *error);

/* Returns 1 and the next block in order, 0 at the end, or a negative code. */
int sorter_next(struct sorter *sorter, struct sorted_block *block, struct lcap_error *error);

/* An output that can be written at any place. Offsets are those in the order. */
struct sorted_output {
    void *context;
    /* Passes on whole blocks of the order; each once. */
    int (*write)(void *context, uint64_t offset, const uint8_t *data, size_t len,
                 struct lcap_error *error);
    /* Keeps bytes there until write() replaces them, */
    int (*write_draft)(void *context, uint64_t offset, const uint8_t *data, size_t len,
                       struct lcap_error *error);
    /* and reads them; in any thread. */
    int (*read_draft)(void *context, uint64_t offset, uint8_t *data, size_t len,
                      struct lcap_error *error);
};

/*
 * In place of sorter_next() with `scatters`: passes on all blocks, in any order, if that is
 * faster. Returns 1, or 0 if it is not and nothing was passed on, or a negative code.
 */
int sorter_scatter(struct sorter *sorter, const struct sorted_output *output,
                   struct lcap_error *error);

/* Bytes written to spill files so far. */
uint64_t sorter_spilled_bytes(const struct sorter *sorter);
void sorter_free(struct sorter *sorter);

#endif
