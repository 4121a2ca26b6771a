/*
 * Output through one buffer. After a failed write, everything that follows is
 * discarded, and output_close() reports the first failure.
 *
 * A named regular file is written as a hidden ".labelcap-XXXXXX.part" in the same
 * directory and renamed by output_close(), so the final name never holds half a
 * file. It is synced before, and its directory after: a power failure leaves the
 * whole file or none. For a symbolic link, the file that it points to is replaced. A new file
 * gets the permissions of the file that it replaces. A FIFO, a device, standard
 * output ("-", /dev/stdout) and /dev/fd/N are written directly. A file whose name
 * ends in .gz is compressed as BGZF (codec/bgzf.h), one in .zst by zstd.
 *
 * With several threads, what has been taken is compressed and written by others
 * while the caller goes on; a failure is then noticed a few buffers later. The file
 * is the same.
 */
#ifndef BASE_IO_OUTPUT_H
#define BASE_IO_OUTPUT_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output {
    /* The part of the buffer that is still free: [next, end). */
    uint8_t *next;
    uint8_t *end;
    struct output_sink *sink;
};

struct output_options {
    bool overwrite;   /* replace an existing file; otherwise that is an error */
    bool keep_cut;    /* keep a file that could not be written to its end */
    bool no_sync;     /* do not wait until a named file is on the disk */
    bool is_private;  /* a file that only its owner can read, whatever it replaces */
    int level;        /* of compression; 0: the default */
    unsigned threads; /* the caller's included; 0: only that one */
    /* NULL, or where output_close() leaves the CRC-32 of the bytes in the file; no patches then. */
    uint32_t *checksum;
};

/* `options` NULL: the defaults (all zero). */
int output_open(struct output **out, const char *path, const struct output_options *options,
                struct lcap_error *error);

/*
 * Reports in advance what output_open() would report, for callers that have work to
 * do before they open the output; leaves nothing behind. A stream cannot be tried:
 * its reader would notice.
 */
int output_try(const char *path, const struct output_options *options, struct lcap_error *error);

/* The slow half of output_reserve(): flushes, and grows the buffer for large `len`. */
uint8_t *output_make_room(struct output *out, size_t len);

/*
 * Room for `len` bytes, to be filled and then kept with output_commit().
 * NULL once the output has failed; output_error() tells why.
 */
static inline uint8_t *output_reserve(struct output *out, size_t len)
{
    if ((size_t)(out->end - out->next) >= len)
        return out->next;
    return output_make_room(out, len);
}

static inline void output_commit(struct output *out, size_t len)
{
    out->next += len;
}

/* Copies bytes into the buffer. Errors stick; output_error() and output_close() report them. */
void output_write(struct output *out, const void *data, size_t len);

/* The same for bytes that may be cut anywhere: how they are divided among calls does not change a
 * compressed file. */
void output_write_stream(struct output *out, const void *data, size_t len);

/* Whether how bytes are divided among calls of output_write() shows in the file: it is compressed,
 * or perhaps cut between two of them. */
bool output_shows_calls(const struct output *out);

/* 0, or the code of the first failure, its text copied to `error`. */
int output_error(const struct output *out, struct lcap_error *error);

/* Passes everything buffered to the system (and flushes the compressor). */
int output_flush(struct output *out, struct lcap_error *error);

/* Whether bytes of an output of that name can be changed after they have been written: in a file.
 */
bool output_can_patch(const char *path);

/*
 * Changes bytes that were written at an offset, if output_can_patch(). Errors stick, too.
 * For a patch of what has been compressed, output_close() compresses all once more.
 */
void output_patch(struct output *out, uint64_t offset, const void *data, size_t len);

/* Whether bytes may be written at any place, with output_write_at(): in a file that is not
 * compressed. They may come in any order, but each must come once. */
bool output_can_write_at(const struct output *out);
void output_write_at(struct output *out, uint64_t offset, const void *data, size_t len);

/* Bytes that output_write_at() will replace; and reading these, which any thread may do, or what
 * has been flushed. */
void output_write_draft(struct output *out, uint64_t offset, const void *data, size_t len);
int output_read_draft(const struct output *out, uint64_t offset, void *data, size_t len,
                      struct lcap_error *error);

/* Bytes taken so far (before compression). */
uint64_t output_bytes(const struct output *out);
const char *output_name(const struct output *out);

/*
 * Flushes, closes, renames and frees. On any failure the temporary file is removed,
 * the final name is left as it was, and the code is returned. With `keep_cut`, a
 * file that could not be written to its end is renamed all the same, and the error
 * says so. It ends where one of the calls that filled it ended, but a compressed
 * file lacks its end.
 */
int output_close(struct output *out, struct lcap_error *error);

/* Discards the output and removes its temporary file. NULL is allowed. */
void output_discard(struct output *out);

#endif
