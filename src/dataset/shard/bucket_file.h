/*
 * A file with several streams of bytes, which are written side by side, and of which
 * each can be read alone: chunks of them, and at the end an index.
 */
#ifndef DATASET_SHARD_BUCKET_FILE_H
#define DATASET_SHARD_BUCKET_FILE_H

#include "base/buffer.h"
#include "base/io/output.h"

struct bucket_writer;

int bucket_writer_open(struct bucket_writer **writer, const char *path, uint32_t streams,
                       const struct output_options *placing, struct lcap_error *error);

/* The end of the stream: append to it, then call bucket_writer_note(). */
struct buffer *bucket_writer_stream(struct bucket_writer *writer, uint32_t stream);
int bucket_writer_note(struct bucket_writer *writer, uint32_t stream, struct lcap_error *error);

/* Finishes the file and frees, even on errors. */
int bucket_writer_close(struct bucket_writer *writer, struct lcap_error *error);
/* NULL is allowed. */
void bucket_writer_discard(struct bucket_writer *writer);

/* One stream of a file. */
struct bucket_reader;

/* LCAP_ERR_FORMAT: the file is none of these. `path` is borrowed. */
int bucket_reader_open(struct bucket_reader **reader, const char *path, uint32_t stream,
                       struct lcap_error *error);

/* The file is open only while a piece is read: for one of very many. */
void bucket_reader_close_between(struct bucket_reader *reader);

/*
 * Returns how many of the next bytes are at *bytes: at least `len`, fewer only at the end
 * of the stream; or a negative code. They are valid until the next call.
 */
int64_t bucket_reader_peek(struct bucket_reader *reader, size_t len, const uint8_t **bytes,
                           struct lcap_error *error);
void bucket_reader_skip(struct bucket_reader *reader, size_t len);

/* The error that the bytes are not what they should be: LCAP_ERR_FORMAT. */
int bucket_reader_refuse(const struct bucket_reader *reader, struct lcap_error *error);
void bucket_reader_free(struct bucket_reader *reader);

#endif
