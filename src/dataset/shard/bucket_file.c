/*
 * The layout: "lcapbkts", chunks, the index, its place and the number of its entries in
 * eight bytes each, its checksum in four. An entry has the stream, the length and the
 * checksum of a chunk in four bytes each, then its place in eight. All numbers are
 * little-endian. Nobody reads a file as a whole, so every chunk has its own checksum.
 */
#include "dataset/shard/bucket_file.h"

#include "base/bytes.h"
#include "base/codec/checksum.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC_LEN = 8, ENTRY_LEN = 20, FOOT_LEN = 20 };

/* Chunks are long enough for a disk, unless the buffers of very many streams would exceed the limit
 * for all of them. */
enum { CHUNK_LEN = 64 << 10, CHUNKS_LEN = 128 << 20 };

static const uint8_t magic[MAGIC_LEN] = {'l', 'c', 'a', 'p', 'b', 'k', 't', 's'};

/* ---- writing ---- */

struct bucket_writer {
    struct output *out;
    struct buffer *streams;
    uint32_t stream_count;
    size_t chunk_len;
    struct buffer index;
};

static size_t chunk_len_for(uint32_t streams)
{
    return streams > CHUNKS_LEN / CHUNK_LEN ? CHUNKS_LEN / streams : CHUNK_LEN;
}

int bucket_writer_open(struct bucket_writer **writer, const char *path, uint32_t streams,
                       const struct output_options *placing, struct lcap_error *error)
{
    struct bucket_writer *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->stream_count = streams;
    made->chunk_len = chunk_len_for(streams);
    made->streams = memory_new(streams, sizeof *made->streams, error);
    const int rc = made->streams ? output_open(&made->out, path, placing, error) : LCAP_ERR_MEMORY;
    if (rc < 0) {
        bucket_writer_discard(made);
        return rc;
    }
    output_write(made->out, magic, sizeof magic);
    *writer = made;
    return LCAP_OK;
}

struct buffer *bucket_writer_stream(struct bucket_writer *writer, uint32_t stream)
{
    return &writer->streams[stream];
}

static int write_chunk(struct bucket_writer *writer, uint32_t stream, struct lcap_error *error)
{
    struct buffer *chunk = &writer->streams[stream];
    uint8_t entry[ENTRY_LEN];
    store32(entry, stream, false);
    store32(entry + 4, (uint32_t)chunk->len, false);
    store32(entry + 8, checksum_add(0, chunk->data, chunk->len), false);
    store64(entry + 12, output_bytes(writer->out), false);
    output_write(writer->out, chunk->data, chunk->len);
    /* One large packet is no reason to keep large memory. */
    if (chunk->capacity > 4 * writer->chunk_len)
        buffer_release(chunk);
    buffer_clear(chunk);
    const int rc = output_error(writer->out, error);
    return rc == LCAP_OK ? buffer_append(&writer->index, entry, sizeof entry, error) : rc;
}

int bucket_writer_note(struct bucket_writer *writer, uint32_t stream, struct lcap_error *error)
{
    return writer->streams[stream].len < writer->chunk_len ? LCAP_OK
                                                           : write_chunk(writer, stream, error);
}

static int write_index(struct bucket_writer *writer, struct lcap_error *error)
{
    uint8_t foot[FOOT_LEN];
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < writer->stream_count && rc == LCAP_OK; i++)
        if (writer->streams[i].len > 0)
            rc = write_chunk(writer, i, error);
    store64(foot, output_bytes(writer->out), false);
    store64(foot + 8, writer->index.len / ENTRY_LEN, false);
    store32(foot + 16, checksum_add(0, writer->index.data, writer->index.len), false);
    output_write(writer->out, writer->index.data, writer->index.len);
    output_write(writer->out, foot, sizeof foot);
    return rc;
}

int bucket_writer_close(struct bucket_writer *writer, struct lcap_error *error)
{
    int rc = write_index(writer, error);
    if (rc == LCAP_OK) {
        rc = output_close(writer->out, error);
        writer->out = NULL;
    }
    bucket_writer_discard(writer);
    return rc;
}

void bucket_writer_discard(struct bucket_writer *writer)
{
    if (!writer)
        return;
    for (uint32_t i = 0; writer->streams && i < writer->stream_count; i++)
        buffer_release(&writer->streams[i]);
    free(writer->streams);
    buffer_release(&writer->index);
    output_discard(writer->out);
    free(writer);
}

/* ---- reading ---- */

struct chunk {
    uint64_t offset;
    uint32_t len;
    uint32_t checksum;
};

struct bucket_reader {
    const char *path;
    int fd; /* or -1 */
    bool closes_between;
    struct chunk *chunks;
    size_t count, capacity, next;
    struct buffer bytes; /* the next ones begin at `at` */
    size_t at;
};

int bucket_reader_refuse(const struct bucket_reader *reader, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: is not what a shard has written: it was cut or changed; remove it "
                          "and run that shard again",
                          reader->path);
}

static int read_at(const struct bucket_reader *reader, uint64_t offset, uint8_t *bytes, size_t len,
                   struct lcap_error *error)
{
    while (len > 0) {
        const ssize_t got = TEMP_FAILURE_RETRY(pread(reader->fd, bytes, len, (off_t)offset));
        if (got < 0)
            return lcap_error_set_errno(error, errno, "%s: cannot read", reader->path);
        if (got == 0)
            return bucket_reader_refuse(reader, error);
        bytes += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return LCAP_OK;
}

static int open_file(struct bucket_reader *reader, struct lcap_error *error)
{
    reader->fd = TEMP_FAILURE_RETRY(open(reader->path, O_RDONLY | O_CLOEXEC));
    return reader->fd < 0 ? lcap_error_set_errno(error, errno, "%s: cannot open", reader->path)
                          : LCAP_OK;
}

static void close_file(struct bucket_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
}

static int keep_entry(struct bucket_reader *reader, const uint8_t *entry, uint32_t stream,
                      uint64_t end, struct lcap_error *error)
{
    const struct chunk chunk = {load64(entry + 12, false), load32(entry + 4, false),
                                load32(entry + 8, false)};
    if (chunk.offset > end || chunk.len > end - chunk.offset)
        return bucket_reader_refuse(reader, error);
    if (load32(entry, false) != stream)
        return LCAP_OK;
    const int rc = memory_grow((void **)&reader->chunks, &reader->capacity, reader->count + 1,
                               sizeof *reader->chunks, error);
    if (rc == LCAP_OK)
        reader->chunks[reader->count++] = chunk;
    return rc;
}

static int read_index(struct bucket_reader *reader, uint32_t stream, uint64_t at, uint64_t count,
                      uint32_t checksum, struct lcap_error *error)
{
    enum { ENTRIES = 1024 };
    uint8_t entries[ENTRIES * ENTRY_LEN];
    const uint64_t end = at;
    uint32_t found = 0;
    int rc = LCAP_OK;
    while (count > 0 && rc == LCAP_OK) {
        const size_t part = count < ENTRIES ? (size_t)count : ENTRIES;
        rc = read_at(reader, at, entries, part * ENTRY_LEN, error);
        for (size_t i = 0; i < part && rc == LCAP_OK; i++)
            rc = keep_entry(reader, entries + i * ENTRY_LEN, stream, end, error);
        if (rc == LCAP_OK)
            found = checksum_add(found, entries, part * ENTRY_LEN);
        at += part * ENTRY_LEN;
        count -= part;
    }
    return rc == LCAP_OK && found != checksum ? bucket_reader_refuse(reader, error) : rc;
}

static int read_foot(struct bucket_reader *reader, uint32_t stream, struct lcap_error *error)
{
    uint8_t foot[FOOT_LEN], head[MAGIC_LEN];
    struct stat st;
    if (fstat(reader->fd, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", reader->path);
    const uint64_t size = (uint64_t)st.st_size;
    if (size < MAGIC_LEN + FOOT_LEN)
        return bucket_reader_refuse(reader, error);
    int rc = read_at(reader, 0, head, sizeof head, error);
    if (rc == LCAP_OK)
        rc = read_at(reader, size - FOOT_LEN, foot, sizeof foot, error);
    if (rc < 0)
        return rc;
    const uint64_t at = load64(foot, false), count = load64(foot + 8, false);
    if (memcmp(head, magic, MAGIC_LEN) != 0 || at > size - FOOT_LEN ||
        (size - FOOT_LEN - at) / ENTRY_LEN != count || (size - FOOT_LEN - at) % ENTRY_LEN != 0)
        return bucket_reader_refuse(reader, error);
    return read_index(reader, stream, at, count, load32(foot + 16, false), error);
}

int bucket_reader_open(struct bucket_reader **reader, const char *path, uint32_t stream,
                       struct lcap_error *error)
{
    struct bucket_reader *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->path = path;
    made->fd = -1;
    int rc = open_file(made, error);
    if (rc == LCAP_OK)
        rc = read_foot(made, stream, error);
    if (rc == LCAP_OK)
        *reader = made;
    else
        bucket_reader_free(made);
    return rc;
}

void bucket_reader_close_between(struct bucket_reader *reader)
{
    close_file(reader);
    reader->closes_between = true;
}

static int take_chunk(struct bucket_reader *reader, struct lcap_error *error)
{
    const struct chunk chunk = reader->chunks[reader->next++];
    struct buffer *bytes = &reader->bytes;
    if (bytes->len > 0)
        memmove(bytes->data, bytes->data + reader->at, bytes->len - reader->at);
    bytes->len -= reader->at;
    reader->at = 0;
    int rc = buffer_reserve(bytes, chunk.len, error);
    if (rc == LCAP_OK && reader->closes_between)
        rc = open_file(reader, error);
    if (rc == LCAP_OK)
        rc = read_at(reader, chunk.offset, bytes->data + bytes->len, chunk.len, error);
    if (reader->closes_between)
        close_file(reader);
    if (rc < 0)
        return rc;
    if (checksum_add(0, bytes->data + bytes->len, chunk.len) != chunk.checksum)
        return bucket_reader_refuse(reader, error);
    bytes->len += chunk.len;
    return LCAP_OK;
}

int64_t bucket_reader_peek(struct bucket_reader *reader, size_t len, const uint8_t **bytes,
                           struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (reader->bytes.len - reader->at < len && reader->next < reader->count && rc == LCAP_OK)
        rc = take_chunk(reader, error);
    *bytes = reader->bytes.data ? reader->bytes.data + reader->at : magic;
    return rc < 0 ? rc : (int64_t)(reader->bytes.len - reader->at);
}

void bucket_reader_skip(struct bucket_reader *reader, size_t len)
{
    reader->at += len;
}

void bucket_reader_free(struct bucket_reader *reader)
{
    if (!reader)
        return;
    close_file(reader);
    free(reader->chunks);
    buffer_release(&reader->bytes);
    free(reader);
}
