/*
 * Where an input comes from: a descriptor, whose bytes are made into pieces, which
 * are unpacked if the first bytes are those of a known kind of compression. One
 * piece after another is taken from the source; pieces of BGZF are then unpacked
 * independently.
 */
#ifndef BASE_IO_SOURCE_H
#define BASE_IO_SOURCE_H

#include "base/codec/bgzf.h"
#include "base/codec/codec.h"
#include <labelcap/error.h>
#include <labelcap/progress.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Room before the data of a piece, for the end of the piece before. */
#define PIECE_HEADROOM ((size_t)64 << 10)

/* As many blocks of BGZF as make a piece of half a MiB. */
#define PIECE_BLOCKS 8

/* A block of BGZF in a piece. */
struct piece_block {
    uint64_t at;          /* where the block is in the file */
    uint32_t len;         /* of its data */
    struct bgzf_block as; /* how it is stored */
};

/* Consecutive bytes of the unpacked stream. */
struct piece {
    uint8_t *memory; /* PIECE_HEADROOM, and then the data */
    size_t capacity;
    uint8_t *data;
    size_t len;
    struct lcap_error failure; /* what ended the stream after the data */
    uint64_t bytes_read;       /* of the file, when the piece was complete */

    struct piece_block blocks[PIECE_BLOCKS];
    size_t block_count; /* 0: the data needs no unpacking */
    uint8_t *coded;     /* the blocks as stored, one after another */
    size_t coded_capacity;
    struct libdeflate_decompressor *unpacker;
};

/* How the bytes are stored. */
enum storage { STORED_PLAIN, STORED_STREAM, STORED_BGZF };

struct source {
    char *name;
    int fd; /* -1: none is kept, and the file is opened for each read */
    bool owns_fd;
    bool shares_fd; /* of a regular file, whose position it neither uses nor moves */
    bool regular;
    struct lcap_watcher watcher; /* asked while a pipe keeps us waiting */
    off_t start;                 /* the position of a regular file when we got it */
    uint64_t file_size;          /* from there; 0: unknown */

    size_t most_read; /* bytes that are read at once */

    /* What one thread at a time changes: the one that reads. */
    uint64_t bytes_read;
    bool takes_checksum;
    uint32_t checksum; /* then: of these bytes */
    bool at_end;       /* nothing is left in the file */
    uint8_t *staged;   /* bytes of the file, [staged_next, + staged_left) not used yet */
    size_t staged_capacity;
    const uint8_t *staged_next;
    size_t staged_left;
    enum storage storage; /* of what comes next */
    struct decoder *decoder;
    size_t blocks; /* of 64 KiB in the next piece: after a jump one, then two, then four, because
                      little may be wanted there */
    struct lcap_error cut_block; /* of which the file does not hold all bytes */
    const struct codec *codec;   /* of the file; NULL: plain */
    bool blocked;                /* the file begins as BGZF */
};

/* LCAP_ERR_IO for a directory. */
int source_open(struct source *source, int fd, bool owns_fd, const char *name,
                struct lcap_error *error);
void source_release(struct source *source);

/* For one that was opened with the descriptor of another, of a regular file: both read it. */
void source_share(struct source *source, const struct source *other);

/* Closes a regular file that is its own; from now on it is opened by its name for each read. */
void source_stay_closed(struct source *source);

/* Reads the first bytes, and finds out how the bytes are stored. */
int source_begin(struct source *source, struct lcap_error *error);

/* Fills the piece; false: nothing comes after it. The first stage of a pipeline, as is: */
bool source_read_piece(void *source, void *piece);
/* its second one; */
void source_unpack_piece(void *source, void *packed);
/* and what frees a piece. */
void source_release_piece(void *released);

/* Goes to the start of the file, as if nothing had been read. Only for regular files. */
int source_rewind(struct source *source, struct lcap_error *error);

/* Whether a regular file has that many bytes. */
bool source_reaches(const struct source *source, uint64_t offset);

/* Goes to a byte of a plain file, or to the first byte of a block of BGZF. */
int source_jump(struct source *source, uint64_t offset, struct lcap_error *error);

#endif
