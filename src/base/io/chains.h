/*
 * Many growing strings of bytes in bounded memory. When the memory is full, the
 * string that has held memory the longest is moved, with all its bytes in memory,
 * to the end of an unnamed temporary file. So a long string is written in long
 * pieces, and one that does not grow is written once. A string of any length needs
 * no memory other than its struct chain and its share of the common memory.
 */
#ifndef BASE_IO_CHAINS_H
#define BASE_IO_CHAINS_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chains;
struct chain_block;

/* One string; the caller holds it at an address that does not change. All zero: empty. */
struct chain {
    uint64_t len;
    struct chain_block *first, *last; /* the part in memory: the end of the string */
    size_t in_memory;                 /* bytes of it */
    struct chain *older, *newer;      /* of those that hold memory */
    uint64_t first_record;            /* of the file, where len > in_memory */
    uint64_t last_record;
};

/* `memory`: bytes for all strings together, rounded up to 64 KiB. `directory` is for the file,
 * which is created when it is needed; borrowed. */
int chains_new(struct chains **chains, uint64_t memory, const char *directory,
               struct lcap_error *error);

int chains_append(struct chains *chains, struct chain *chain, const void *bytes, size_t len,
                  struct lcap_error *error);

/*
 * Empties the string and frees its memory, and its room in the file if the file
 * system can do that.
 */
void chains_drop(struct chains *chains, struct chain *chain);

/* Strings that were not dropped need no other release. NULL is allowed. */
void chains_free(struct chains *chains);

/* Reads a string from its beginning. The string must not change meanwhile. */
struct chain_reader {
    struct chains *chains;
    const uint8_t *piece; /* the rest of the current piece */
    size_t piece_left;
    uint64_t left;                   /* of the whole string */
    uint64_t in_file;                /* of these still in the file, without the piece */
    uint64_t record;                 /* which one is next */
    uint64_t record_left;            /* bytes of the record being read, after the piece */
    uint64_t record_at;              /* where they are */
    const struct chain_block *block; /* which one is next; NULL while the file is read */
    const struct chain *chain;
};

int chain_reader_begin(struct chain_reader *reader, struct chains *chains,
                       const struct chain *chain, struct lcap_error *error);

/*
 * Returns 1 and up to `wanted` bytes in place, 0 at the end of the string, or a
 * negative code. *bytes is valid until the next call on the reader. One reader of a
 * store at a time.
 */
int chain_reader_view(struct chain_reader *reader, size_t wanted, const uint8_t **bytes,
                      size_t *len, struct lcap_error *error);

/* Copies exactly `len` bytes; LCAP_ERR_ARGUMENT if the string has fewer. */
int chain_reader_copy(struct chain_reader *reader, void *bytes, size_t len,
                      struct lcap_error *error);

#endif
