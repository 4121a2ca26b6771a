/* Bytes from a descriptor, in pieces. */
#include "base/io/source.h"

#include "base/codec/checksum.h"
#include "base/io/file.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in a core's own cache, so that what read() has copied is still there when it
 * is parsed. Larger blocks were slower, especially with several threads. */
#define READ_BLOCK ((size_t)512 << 10)

/* Read at first, to tell what is in the file. Plain bytes are copied from there, so there are few
 * of them: more would cost time for memory that nothing else uses. */
#define FIRST_READ ((size_t)64 << 10)

#define PAGE ((size_t)4096)

/* Unpacked data is passed on in pieces of this size: small enough to stay in the cache. */
#define UNPACKED_BLOCK ((size_t)256 << 10)

/* Finds out what kind of file the descriptor is. */
static int examine(struct source *s, struct lcap_error *error)
{
    struct stat st;
    if (fstat(s->fd, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", s->name);
    if (S_ISDIR(st.st_mode))
        return lcap_error_set(error, LCAP_ERR_IO, "%s: is a directory, not a file", s->name);
    if (!S_ISREG(st.st_mode))
        return LCAP_OK;
    s->start = lseek(s->fd, 0, SEEK_CUR);
    s->regular = s->start >= 0;
    if (s->regular && st.st_size > s->start)
        s->file_size = (uint64_t)(st.st_size - s->start);
    return LCAP_OK;
}

int source_open(struct source *source, int fd, bool owns_fd, const char *name,
                struct lcap_error *error)
{
    source->fd = fd;
    source->owns_fd = owns_fd;
    source->blocks = PIECE_BLOCKS;
    source->most_read = READ_BLOCK;
    source->name = memory_copy_text(name, strlen(name), error);
    return source->name ? examine(source, error) : LCAP_ERR_MEMORY;
}

void source_share(struct source *source, const struct source *other)
{
    source->shares_fd = true;
    source->start = other->start;
    source->file_size = other->file_size;
}

void source_stay_closed(struct source *source)
{
    if (!source->owns_fd || !source->regular)
        return;
    close(source->fd);
    source->fd = -1;
}

void source_release(struct source *source)
{
    decoder_free(source->decoder);
    if (source->owns_fd && source->fd >= 0)
        close(source->fd);
    free(source->staged);
    free(source->name);
}

static int set_capacity(uint8_t **data, size_t *capacity, size_t needed, struct lcap_error *error)
{
    void *memory = *data;
    int rc = memory_grow(&memory, capacity, needed, 1, error);
    *data = memory;
    return rc;
}

/* Waits for what comes through a pipe, as long as the watcher wants. */
static int wait_for_bytes(const struct source *s, struct lcap_error *failure)
{
    const struct lcap_progress progress = {
        .name = s->name, .input = LCAP_NO_INPUT, .done = s->bytes_read};
    return s->regular ? LCAP_OK : waiting_for(s->fd, POLLIN, &s->watcher, &progress, failure);
}

static ssize_t read_at_place(const struct source *s, int fd, uint8_t *to, size_t room)
{
    return file_read_at(fd, to, room, (uint64_t)s->start + s->bytes_read);
}

static ssize_t read_closed(const struct source *s, uint8_t *to, size_t room)
{
    const int fd = TEMP_FAILURE_RETRY(open(s->name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    const ssize_t got = fd >= 0 ? read_at_place(s, fd, to, room) : -1;
    const int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    return got;
}

static ssize_t read_open(const struct source *s, uint8_t *to, size_t room)
{
    return s->shares_fd ? read_at_place(s, s->fd, to, room) : file_read(s->fd, to, room);
}

/* Reads what one call of the system returns. Returns the number of bytes; 0 at the end and on
 * failure. */
static size_t read_some(struct source *s, uint8_t *to, size_t room, struct lcap_error *failure)
{
    const size_t block =
        s->bytes_read == 0 && s->most_read > FIRST_READ ? FIRST_READ : s->most_read;
    const size_t most = room < block ? room : block;
    ssize_t got = 0;
    if (!s->at_end && wait_for_bytes(s, failure) == LCAP_OK)
        got = s->fd < 0 ? read_closed(s, to, most) : read_open(s, to, most);
    if (got < 0)
        lcap_error_set_errno(failure, errno, "%s: cannot read at byte %llu", s->name,
                             (unsigned long long)s->bytes_read);
    if (got <= 0) {
        s->at_end = true;
        return 0;
    }
    s->bytes_read += (uint64_t)got;
    if (s->takes_checksum)
        s->checksum = checksum_add(s->checksum, to, (size_t)got);
    return (size_t)got;
}

/* Reads on until `wanted` bytes are staged, at most READ_BLOCK. False at the end before that. */
static bool stage(struct source *s, size_t wanted, struct lcap_error *failure)
{
    if (s->staged_left >= wanted)
        return true;
    if (s->staged_left > 0)
        memmove(s->staged, s->staged_next, s->staged_left);
    const int rc = set_capacity(&s->staged, &s->staged_capacity, wanted, failure);
    s->staged_next = s->staged;
    if (rc < 0)
        return false;
    size_t got = 1;
    while (got > 0 && s->staged_left < wanted) {
        const size_t room =
            (s->blocks < PIECE_BLOCKS ? wanted : s->staged_capacity) - s->staged_left;
        got = read_some(s, s->staged + s->staged_left, room, failure);
        s->staged_left += got;
    }
    return s->staged_left >= wanted;
}

static void use_staged(struct source *s, size_t len)
{
    s->staged_next += len;
    s->staged_left -= len;
}

/* Where in the file the next staged byte is. */
static uint64_t staged_at(const struct source *s)
{
    return s->bytes_read - s->staged_left;
}

/* Small files get buffers of their size, because thousands of them may be opened one after
 * another. */
static size_t first_block(const struct source *s)
{
    if (s->file_size == 0 || s->file_size > s->most_read)
        return s->most_read;
    return s->file_size > CODEC_MAGIC ? s->file_size : CODEC_MAGIC;
}

/* What of a plain file is staged is then copied: of a long one a page, because what follows is read
 * to the beginning of a page. */
static size_t first_bytes(const struct source *s)
{
    return s->file_size > s->most_read ? PAGE : first_block(s);
}

/* Stages the first bytes, by which the codec is known. */
static void stage_first(struct source *s, struct lcap_error *failure)
{
    if (set_capacity(&s->staged, &s->staged_capacity, first_bytes(s), failure) < 0)
        return;
    stage(s, CODEC_MAGIC, failure);
    s->codec = codec_of_bytes(s->staged_next, s->staged_left);
    if (failure->code != LCAP_OK || !s->codec)
        return;
    set_capacity(&s->staged, &s->staged_capacity, first_block(s), failure);
    s->staged_next = s->staged;
}

int source_begin(struct source *s, struct lcap_error *error)
{
    struct bgzf_block block;
    struct lcap_error failure = {0};
    stage_first(s, &failure);
    if (failure.code == LCAP_OK && s->codec == &codec_gzip)
        stage(s, BGZF_HEADER, &failure);
    if (failure.code != LCAP_OK)
        return lcap_error_copy(error, &failure);
    /* A block that is damaged from its first byte is one, too. */
    s->blocked = s->codec && bgzf_examine(s->staged_next, s->staged_left, &block, NULL) != 0;
    s->storage = !s->codec ? STORED_PLAIN : s->blocked ? STORED_BGZF : STORED_STREAM;
    return s->storage == STORED_STREAM ? s->codec->begin(&s->decoder, error) : LCAP_OK;
}

/* The data begins at a page, as blocks of a file do: a few bytes beyond it, copying took the system
 * up to three times as long. */
static bool prepare_memory(struct piece *piece, size_t room)
{
    const int rc = set_capacity(&piece->memory, &piece->capacity, PIECE_HEADROOM + PAGE + room,
                                &piece->failure);
    if (rc < 0)
        return false;
    piece->data = piece->memory + PIECE_HEADROOM;
    piece->data += PAGE - (uintptr_t)piece->data % PAGE;
    return true;
}

/* Of a plain file, only the first bytes are staged. */
static void unstage(struct source *s, struct piece *piece, size_t room)
{
    piece->len = s->staged_left < room ? s->staged_left : room;
    memcpy(piece->data, s->staged_next, piece->len);
    use_staged(s, piece->len);
    if (s->staged_left > 0)
        return;
    free(s->staged);
    s->staged = NULL;
    s->staged_capacity = 0;
}

static void read_plain(struct source *s, struct piece *piece)
{
    const size_t room = s->blocks < PIECE_BLOCKS ? s->blocks * BGZF_MOST : first_block(s);
    if (!prepare_memory(piece, room))
        return;
    if (s->staged_left > 0)
        unstage(s, piece, room);
    else
        piece->len = read_some(s, piece->data, room, &piece->failure);
}

/* Puts the place in front of the reason. */
static void fail_at(const struct source *s, uint64_t at, struct lcap_error *failure)
{
    lcap_error_prefix(failure, "%s: compressed byte %llu: ", s->name, (unsigned long long)at);
}

/* At the end of the file, which may be too early. */
static void end_stream(struct source *s, struct piece *piece)
{
    struct lcap_error reason = {0};
    if (piece->failure.code != LCAP_OK)
        return;
    if (decoder_end(s->decoder, &reason) == LCAP_OK)
        reason = s->cut_block;
    fail_at(s, staged_at(s), &reason);
    piece->failure = reason;
}

/* Unpacks until the piece is full, or the next bytes of the file have to be waited for. */
static void read_stream(struct source *s, struct piece *piece)
{
    if (!prepare_memory(piece, UNPACKED_BLOCK))
        return;
    struct codec_step step = {.out = piece->data, .out_left = UNPACKED_BLOCK};
    while (step.out_left > 0 && piece->failure.code == LCAP_OK) {
        const size_t before = step.out_left;
        step.in = s->staged_next;
        step.in_left = s->staged_left;
        const int rc = s->decoder->step(s->decoder, &step, &piece->failure);
        use_staged(s, s->staged_left - step.in_left);
        if (rc < 0)
            fail_at(s, staged_at(s), &piece->failure);
        else if (step.out_left < before || step.in_left > 0)
            continue;
        else if (before < UNPACKED_BLOCK && !s->regular)
            break;
        else if (!stage(s, 1, &piece->failure)) {
            end_stream(s, piece);
            break;
        }
    }
    piece->len = UNPACKED_BLOCK - step.out_left;
}

/* What follows is no block of BGZF, but may be gzip. */
static void continue_as_stream(struct source *s, struct lcap_error *failure)
{
    if (codec_gzip.begin(&s->decoder, failure) < 0)
        return;
    s->decoder->between = true;
    s->storage = STORED_STREAM;
}

/*
 * Stages a whole block: 1, or 0 if there is none. Of a block that its file does not
 * hold whole the beginning can be read as a stream.
 */
static int stage_block(struct source *s, struct bgzf_block *block, struct lcap_error *failure)
{
    struct lcap_error reason = {0};
    stage(s, BGZF_HEADER, failure);
    int rc = bgzf_examine(s->staged_next, s->staged_left, block, &reason);
    if (rc == 0 && s->staged_left >= BGZF_HEADER) { /* its header may be longer */
        stage(s, BGZF_MOST, failure);
        rc = bgzf_examine(s->staged_next, s->staged_left, block, &reason);
    }
    if (rc == 1 && !stage(s, block->coded_len, failure)) {
        lcap_error_set(&s->cut_block, LCAP_ERR_DAMAGED,
                       "a BGZF block says that it has %u bytes, but the file ends after %zu",
                       block->coded_len, s->staged_left);
        rc = 0;
    } else if (rc == 1 && bgzf_unpacked_len(s->staged_next, block) > BGZF_MOST) {
        rc = lcap_error_set(&reason, LCAP_ERR_DAMAGED,
                            "a BGZF block says that it unpacks to %u bytes, more than 65536",
                            bgzf_unpacked_len(s->staged_next, block));
    }
    if (rc < 0) {
        fail_at(s, staged_at(s), &reason);
        lcap_error_set(failure, rc, "%s", reason.text);
    }
    return rc;
}

static void take_block(struct source *s, struct piece *piece, size_t coded_len,
                       const struct bgzf_block *block)
{
    struct piece_block *taken = &piece->blocks[piece->block_count++];
    *taken = (struct piece_block){.at = staged_at(s), .as = *block};
    taken->len = bgzf_unpacked_len(s->staged_next, block);
    memcpy(piece->coded + coded_len, s->staged_next, block->coded_len);
    use_staged(s, block->coded_len);
}

static void read_blocks(struct source *s, struct piece *piece)
{
    struct bgzf_block block;
    size_t coded_len = 0;
    int rc = 1;
    if (!prepare_memory(piece, PIECE_BLOCKS * BGZF_MOST) ||
        set_capacity(&piece->coded, &piece->coded_capacity, PIECE_BLOCKS * BGZF_MOST,
                     &piece->failure) < 0)
        return;
    while (piece->block_count < s->blocks && (rc = stage_block(s, &block, &piece->failure)) == 1) {
        take_block(s, piece, coded_len, &block);
        coded_len += block.coded_len;
    }
    if (rc == 0 && s->staged_left > 0)
        continue_as_stream(s, &piece->failure);
}

bool source_read_piece(void *source, void *into)
{
    struct source *s = source;
    struct piece *piece = into;
    piece->len = piece->block_count = 0;
    lcap_error_clear(&piece->failure);
    if (s->storage == STORED_BGZF)
        read_blocks(s, piece);
    else if (s->storage == STORED_PLAIN)
        read_plain(s, piece);
    if (s->storage == STORED_STREAM && piece->block_count == 0)
        read_stream(s, piece);
    if (s->blocks < PIECE_BLOCKS)
        s->blocks *= 2;
    piece->bytes_read = s->bytes_read;
    return piece->failure.code == LCAP_OK && (piece->len > 0 || piece->block_count > 0);
}

static int unpack_blocks(const struct source *s, struct piece *piece, struct lcap_error *error)
{
    const uint8_t *coded = piece->coded;
    if (!piece->unpacker && !(piece->unpacker = bgzf_unpacker_new(error)))
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < piece->block_count; i++) {
        const struct piece_block *block = &piece->blocks[i];
        if (bgzf_unpack(piece->unpacker, coded, &block->as, piece->data + piece->len, error) < 0) {
            fail_at(s, block->at, error);
            piece->block_count = i;
            return error->code;
        }
        coded += block->as.coded_len;
        piece->len += block->len;
    }
    return LCAP_OK;
}

void source_unpack_piece(void *source, void *packed)
{
    struct piece *piece = packed;
    struct lcap_error failure = {0};
    /* What fails here is before what ended the reading of the piece. */
    if (piece->block_count > 0 && unpack_blocks(source, piece, &failure) < 0)
        piece->failure = failure;
}

void source_release_piece(void *released)
{
    struct piece *piece = released;
    bgzf_unpacker_free(piece->unpacker);
    free(piece->coded);
    free(piece->memory);
}

static int go_to(struct source *s, uint64_t offset, struct lcap_error *error)
{
    if (s->fd >= 0 && !s->shares_fd && lseek(s->fd, s->start + (off_t)offset, SEEK_SET) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot seek to byte %llu", s->name,
                                    (unsigned long long)offset);
    s->bytes_read = offset;
    s->checksum = 0;
    s->staged_left = 0;
    s->at_end = false;
    s->blocks = PIECE_BLOCKS;
    decoder_free(s->decoder);
    s->decoder = NULL;
    lcap_error_clear(&s->cut_block);
    return LCAP_OK;
}

bool source_reaches(const struct source *s, uint64_t offset)
{
    struct stat st;
    return (s->fd < 0 ? stat(s->name, &st) : fstat(s->fd, &st)) == 0 && st.st_size >= s->start &&
           offset <= (uint64_t)(st.st_size - s->start);
}

int source_rewind(struct source *s, struct lcap_error *error)
{
    return go_to(s, 0, error);
}

int source_jump(struct source *s, uint64_t offset, struct lcap_error *error)
{
    const int rc = go_to(s, offset, error);
    s->storage = s->blocked ? STORED_BGZF : STORED_PLAIN;
    s->blocks = 1;
    return rc;
}
