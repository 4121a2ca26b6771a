/*
 * Input from a file, standard input or a descriptor, read in large blocks, and
 * decompressed if its first bytes are those of a compressed file.
 *
 * The reader looks at bytes in place with input_peek() and advances with
 * input_skip(); a pointer is valid until the next input_peek().
 */
#ifndef BASE_IO_INPUT_H
#define BASE_IO_INPUT_H

#include "base/buffer.h"
#include "base/io/file.h"
#include <labelcap/error.h>
#include <labelcap/progress.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
    /* The bytes that are in memory and not yet consumed: [next, end). */
    const uint8_t *next;
    const uint8_t *end;
    uint64_t end_offset; /* offset, in the decompressed stream, of `end` */
    struct input_state *state;
};

/*
 * Opens `path` ("-": standard input). A directory is an error. Every error text
 * begins with the name of the file.
 */
int input_open(struct input **in, const char *path, struct lcap_error *error);

/* The same with a watcher, which is asked while a pipe or terminal keeps the reader waiting. */
int input_open_watched(struct input **in, const char *path, const struct lcap_watcher *watcher,
                       struct lcap_error *error);

/*
 * Reads from `fd`, called `name` in messages; closes it with the input, or if
 * this function fails.
 */
int input_open_fd(struct input **in, int fd, const char *name, struct lcap_error *error);

/* Reads the file of another input, for which input_can_rewind() holds, by its descriptor, but at
 * places of its own: for another thread. Free it before the other one. */
int input_open_beside(struct input **in, const struct input *other, struct lcap_error *error);

/*
 * Before anything is read: so many threads, the caller's included, read and unpack a
 * compressed file ahead. Only a regular one, because a thread that waits for a pipe could
 * not be stopped.
 */
void input_use_threads(struct input *in, unsigned threads);

/* How an input is read where very many are at once. */
struct input_sparing {
    size_t most_read;  /* bytes at once */
    bool stays_closed; /* keeps no descriptor: a regular file is opened again for each read */
};

/* Before anything is read; what is read at once may become less later, too. */
void input_be_sparing(struct input *in, const struct input_sparing *how);

/* Before anything is read: input_checksum() will be asked for. */
void input_take_checksum(struct input *in);

/* At the end of a regular file that was read from its start: the CRC-32 of its bytes as stored. */
uint32_t input_checksum(const struct input *in);

/*
 * The slow half of input_peek(): reads at least `len` bytes into memory. Returns
 * the number of bytes there: at least `len`, fewer only at the end of the input, or
 * a negative code. The caller limits `len`. Bytes before a failure (LCAP_ERR_IO,
 * LCAP_ERR_DAMAGED) are available first: the code is returned only when `len` is
 * more than there are.
 */
int64_t input_fill(struct input *in, size_t len, struct lcap_error *error);

/* Looks at the next bytes: sets *data and returns as input_fill() does. */
static inline int64_t input_peek(struct input *in, size_t len, const uint8_t **data,
                                 struct lcap_error *error)
{
    int64_t have = in->end - in->next;
    if ((size_t)have < len)
        have = input_fill(in, len, error);
    *data = in->next;
    return have;
}

/* Advances by `len` bytes, which input_peek() has returned. */
static inline void input_skip(struct input *in, size_t len)
{
    in->next += len;
}

/*
 * Hands over the memory that the pointers of input_peek() since the last one lead into, so that
 * they stay valid, in exchange for other memory, or none: only the bytes that are not consumed yet
 * are copied.
 */
int input_exchange_memory(struct input *in, struct buffer *memory, struct lcap_error *error);

/* The offset of the next byte in the decompressed stream. */
static inline uint64_t input_offset(const struct input *in)
{
    return in->end_offset - (uint64_t)(in->end - in->next);
}

/* What messages call the input at `path`: the path, or "standard input" for "-". */
const char *input_name_of(const char *path);
/* The same of an open input. */
const char *input_name(const struct input *in);
/* Bytes read of the file as stored, and its size (0: unknown), for progress. */
uint64_t input_bytes_read(const struct input *in);
uint64_t input_file_size(const struct input *in);
/* Whether the input is decompressed, and whether it is BGZF; known once bytes have been read. */
bool input_is_packed(const struct input *in);
bool input_is_blocked(const struct input *in);
/* The state of the file now. */
struct file_stamp input_stamp(const struct input *in);
/* Whether input_rewind() and input_seek() can work: a regular file. */
bool input_can_rewind(const struct input *in);
int input_rewind(struct input *in, struct lcap_error *error);

/*
 * Where the next byte is in the file itself: the offset in a plain file, the virtual
 * offset (SAM specification 4.1.1) in BGZF, 0 where it cannot be read without all
 * that comes before.
 */
uint64_t input_coded_offset(const struct input *in);

/*
 * Goes to an offset in the decompressed stream, at most to its end
 * (LCAP_ERR_ARGUMENT beyond it). In BGZF, `coded` is what input_coded_offset() was
 * there, or 0: then the headers of blocks are read until the place is found. Other
 * compressed data is decompressed up to there, from its start if the offset is before
 * the current one.
 *
 * Where the offset of a place in BGZF is not known, both numbers are its virtual offset:
 * from its block on, offsets count from that number.
 */
int input_seek(struct input *in, uint64_t offset, uint64_t coded, struct lcap_error *error);

/*
 * The offset in the stream that an input_offset() stands for, also after such a place,
 * for which the headers of all blocks before it are read.
 */
uint64_t input_stream_offset(const struct input *in, uint64_t offset);

/* The first byte, at or behind a byte of the file, at which BGZF can perhaps be entered: a guess.
 */
uint64_t input_guess_block(const struct input *in, uint64_t from);

/* LCAP_ERR_ARGUMENT, with the way out, if input_seek() has to read all that comes before; known
 * once bytes have been read. */
int input_check_random_access(const struct input *in, struct lcap_error *error);
void input_free(struct input *in);

#endif
