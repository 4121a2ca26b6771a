/* Input: one buffer that the reader looks into, filled through a decompressor if needed. */
#include "base/io/input.h"

#include "base/io/compression.h"
#include "base/io/file.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in a core's own cache, so that what read() has copied is still there when it
 * is parsed. Larger blocks were slower, especially with several threads. */
#define READ_BLOCK ((size_t)512 << 10)

/* Decompressed data is passed on in pieces of this size: small enough to stay in the cache. */
#define UNPACKED_BLOCK ((size_t)256 << 10)

struct input_source {
    char *name;
    int fd;
    bool owns_fd;
    bool regular;
    off_t start; /* the position of a regular file when we got it */
    uint64_t file_size;
    uint64_t bytes_read;

    uint8_t *data; /* what input->next and input->end point into */
    size_t capacity;

    bool started; /* the first bytes have been read, so it is known whether to decompress */
    bool at_end;
    struct lcap_error failure; /* what ended the reading; reported when the bytes before are used */

    struct decompressor *decompressor; /* NULL: plain bytes */
    uint8_t *packed;                   /* compressed bytes, [packed_next, + packed_left) to do */
    size_t packed_capacity;
    const uint8_t *packed_next;
    size_t packed_left;
};

/* The buffer of an input that has not read anything yet. */
static const uint8_t nothing[1];

static void start_anew(struct input *in)
{
    struct input_source *s = in->source;
    in->next = in->end = nothing;
    in->end_offset = 0;
    s->started = s->at_end = false;
    s->bytes_read = 0;
    lcap_error_clear(&s->failure);
    decompressor_free(s->decompressor);
    s->decompressor = NULL;
}

/* Finds out what kind of file the descriptor is. */
static int examine(struct input_source *s, struct lcap_error *error)
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

static int open_source(struct input **in, int fd, bool owns_fd, const char *name,
                       struct lcap_error *error)
{
    int rc = LCAP_ERR_MEMORY;
    struct input *made = memory_new(1, sizeof *made, error);
    *in = NULL;
    if (made)
        made->source = memory_new(1, sizeof *made->source, error);
    if (!made || !made->source)
        goto fail;
    made->source->fd = fd;
    made->source->name = memory_copy_text(name, strlen(name), error);
    if (!made->source->name)
        goto fail;
    rc = examine(made->source, error);
    if (rc < 0)
        goto fail;
    made->source->owns_fd = owns_fd;
    start_anew(made);
    *in = made;
    return LCAP_OK;
fail:
    input_free(made);
    if (owns_fd)
        close(fd);
    return rc;
}

int input_open(struct input **in, const char *path, struct lcap_error *error)
{
    *in = NULL;
    /* Standard input stays open afterwards, so that no other file gets its number. */
    if (strcmp(path, "-") == 0)
        return open_source(in, STDIN_FILENO, false, "standard input", error);
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    return open_source(in, fd, true, path, error);
}

int input_open_fd(struct input **in, int fd, const char *name, struct lcap_error *error)
{
    return open_source(in, fd, true, name, error);
}

/* Reads what one call of the system returns. Returns the number of bytes; 0 at the end and on
 * failure. */
static size_t read_some(struct input_source *s, uint8_t *to, size_t room)
{
    ssize_t got = file_read(s->fd, to, room < READ_BLOCK ? room : READ_BLOCK);
    if (got < 0)
        lcap_error_set_errno(&s->failure, errno, "%s: cannot read at byte %llu", s->name,
                             (unsigned long long)s->bytes_read);
    if (got <= 0) {
        s->at_end = true;
        return 0;
    }
    s->bytes_read += (uint64_t)got;
    return (size_t)got;
}

/* Counts bytes that were stored after `end`. */
static void add_bytes(struct input *in, size_t count)
{
    in->end += count;
    in->end_offset += count;
}

/* The free part of the buffer, after `end`. */
static size_t free_room(const struct input *in, uint8_t **room)
{
    struct input_source *s = in->source;
    size_t used = (size_t)(in->end - s->data);
    *room = s->data + used;
    return s->capacity - used;
}

static void read_plain(struct input *in)
{
    uint8_t *to;
    size_t room = free_room(in, &to);
    add_bytes(in, read_some(in->source, to, room));
}

/* Puts the place in front of the decompressor's reason, and remembers the failure. */
static void fail_packed(struct input_source *s)
{
    lcap_error_prefix(&s->failure, "%s: compressed byte %llu: ", s->name,
                      (unsigned long long)(s->bytes_read - s->packed_left));
    s->at_end = true;
}

/* Decompresses until there is output, the end, or a failure. */
static void read_packed(struct input *in)
{
    struct input_source *s = in->source;
    uint8_t *to;
    size_t room = free_room(in, &to), out_left = room;
    bool file_ended = false;
    while (out_left == room && !s->at_end) {
        struct codec_step step = {s->packed_next, s->packed_left, to, room};
        int rc = decompressor_step(s->decompressor, &step, &s->failure);
        s->packed_next = step.in;
        s->packed_left = step.in_left;
        out_left = step.out_left;
        if (rc < 0) {
            fail_packed(s);
        } else if (out_left == room && step.in_left == 0) {
            /* Nothing is left in the buffers. */
            s->packed_next = s->packed;
            s->packed_left = read_some(s, s->packed, s->packed_capacity);
            file_ended = s->packed_left == 0;
        }
    }
    add_bytes(in, room - out_left);
    if (file_ended && s->failure.code == LCAP_OK &&
        decompressor_end(s->decompressor, &s->failure) < 0)
        fail_packed(s);
}

static int set_capacity(uint8_t **data, size_t *capacity, size_t needed, struct lcap_error *error)
{
    void *memory = *data;
    int rc = memory_grow(&memory, capacity, needed, 1, error);
    *data = memory;
    return rc;
}

/* Room for `len` bytes from `next` on, which moves to the front of the buffer. */
static int make_room(struct input *in, size_t len, struct lcap_error *error)
{
    struct input_source *s = in->source;
    size_t have = (size_t)(in->end - in->next);
    if (have > 0 && in->next != s->data)
        memmove(s->data, in->next, have);
    int rc = set_capacity(&s->data, &s->capacity, len, error);
    in->next = s->data;
    in->end = s->data + have;
    return rc;
}

/* The bytes read so far begin compressed data: switches to decompression. */
static int start_unpacking(struct input *in, enum compression kind)
{
    struct input_source *s = in->source;
    int rc = decompressor_new(&s->decompressor, kind, &s->failure);
    if (rc < 0)
        return rc;
    uint8_t *data = s->packed;
    size_t capacity = s->packed_capacity;
    s->packed = s->data;
    s->packed_capacity = s->capacity;
    s->packed_next = in->next;
    s->packed_left = (size_t)(in->end - in->next);
    s->data = data;
    s->capacity = capacity;
    s->at_end = false;
    rc = set_capacity(&s->data, &s->capacity, UNPACKED_BLOCK, &s->failure);
    in->next = in->end = s->data;
    in->end_offset = 0;
    return rc;
}

/* Small files get a buffer of their size, because thousands of them may be opened one after
 * another. */
static size_t first_block(const struct input_source *s)
{
    if (s->file_size == 0 || s->file_size > READ_BLOCK)
        return READ_BLOCK;
    return s->file_size > COMPRESSION_MAGIC ? s->file_size : COMPRESSION_MAGIC;
}

/* Reads the first bytes and finds out what they are. */
static void start(struct input *in)
{
    struct input_source *s = in->source;
    s->started = true;
    int rc = make_room(in, first_block(s), &s->failure);
    while (rc == LCAP_OK && in->end - in->next < COMPRESSION_MAGIC && !s->at_end)
        read_plain(in);
    enum compression kind = compression_of_bytes(in->next, (size_t)(in->end - in->next));
    if (rc == LCAP_OK && kind != COMPRESSION_NONE && s->failure.code == LCAP_OK)
        rc = start_unpacking(in, kind);
    if (rc < 0)
        s->at_end = true;
}

int64_t input_fill(struct input *in, size_t len, struct lcap_error *error)
{
    struct input_source *s = in->source;
    if (!s->started)
        start(in);
    if (!s->at_end) {
        int rc = make_room(in, len, error);
        if (rc < 0)
            return rc;
    }
    while ((size_t)(in->end - in->next) < len && !s->at_end) {
        if (s->decompressor)
            read_packed(in);
        else
            read_plain(in);
    }
    int64_t have = in->end - in->next;
    if ((size_t)have < len && s->failure.code != LCAP_OK)
        return lcap_error_set(error, s->failure.code, "%s", s->failure.text);
    return have;
}

const char *input_name(const struct input *in)
{
    return in->source->name;
}

uint64_t input_bytes_read(const struct input *in)
{
    return in->source->bytes_read;
}

uint64_t input_file_size(const struct input *in)
{
    return in->source->file_size;
}

struct file_stamp input_stamp(const struct input *in)
{
    return file_stamp_of(in->source->fd);
}

bool input_can_rewind(const struct input *in)
{
    return in->source->regular;
}

int input_rewind(struct input *in, struct lcap_error *error)
{
    struct input_source *s = in->source;
    if (!s->regular)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: cannot be read twice: not a regular file", s->name);
    if (lseek(s->fd, s->start, SEEK_SET) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot seek to its start", s->name);
    start_anew(in);
    return LCAP_OK;
}

bool input_is_packed(const struct input *in)
{
    return in->source->decompressor != NULL;
}

/* Whether the buffer still holds the place, or ends there; goes there then. */
static bool move_in_buffer(struct input *in, uint64_t offset)
{
    const uint64_t first = in->end_offset - (uint64_t)(in->end - in->source->data);
    if (offset < first || offset > in->end_offset)
        return false;
    in->next = in->end - (in->end_offset - offset);
    return true;
}

static int no_such_place(const struct input *in, uint64_t offset, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: byte %llu is beyond the end",
                          in->source->name, (unsigned long long)offset);
}

static int jump(struct input *in, uint64_t offset, struct lcap_error *error)
{
    struct input_source *s = in->source;
    struct stat st;
    if (fstat(s->fd, &st) < 0 || st.st_size < s->start ||
        offset > (uint64_t)(st.st_size - s->start))
        return no_such_place(in, offset, error);
    if (lseek(s->fd, s->start + (off_t)offset, SEEK_SET) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot seek to byte %llu", s->name,
                                    (unsigned long long)offset);
    in->next = in->end = s->data;
    in->end_offset = s->bytes_read = offset;
    s->at_end = false;
    lcap_error_clear(&s->failure);
    return LCAP_OK;
}

static int unpack_up_to(struct input *in, uint64_t offset, struct lcap_error *error)
{
    const uint8_t *at;
    int rc = offset < input_offset(in) ? input_rewind(in, error) : LCAP_OK;
    while (rc == LCAP_OK && input_offset(in) < offset) {
        const uint64_t left = offset - input_offset(in);
        const int64_t have = input_peek(in, 1, &at, error);
        if (have <= 0)
            rc = have < 0 ? (int)have : no_such_place(in, offset, error);
        else
            input_skip(in, (uint64_t)have < left ? (size_t)have : (size_t)left);
    }
    return rc;
}

int input_seek(struct input *in, uint64_t offset, struct lcap_error *error)
{
    struct input_source *s = in->source;
    if (!s->regular)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: cannot seek: not a regular file",
                              s->name);
    if (!s->started)
        start(in);
    if (move_in_buffer(in, offset))
        return LCAP_OK;
    return s->decompressor ? unpack_up_to(in, offset, error) : jump(in, offset, error);
}

void input_free(struct input *in)
{
    if (!in)
        return;
    struct input_source *s = in->source;
    if (s) {
        decompressor_free(s->decompressor);
        if (s->owns_fd)
            close(s->fd);
        free(s->packed);
        free(s->data);
        free(s->name);
        free(s);
    }
    free(in);
}
