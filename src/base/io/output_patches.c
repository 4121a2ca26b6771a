/* Keeps patches, and writes a compressed file anew with them. */
#include "base/io/output_patches.h"

#include "base/io/input.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct output_patch {
    uint64_t offset;
    size_t at, len; /* in the bytes of all */
};

int output_patches_add(struct output_patches *patches, uint64_t offset, const void *data,
                       size_t len, struct lcap_error *error)
{
    const struct output_patch patch = {.offset = offset, .at = patches->bytes.len, .len = len};
    void *items = patches->items;
    int rc = memory_grow(&items, &patches->capacity, patches->count + 1, sizeof patch, error);
    patches->items = items;
    if (rc == LCAP_OK)
        rc = buffer_append(&patches->bytes, data, len, error);
    if (rc == LCAP_OK)
        patches->items[patches->count++] = patch;
    return rc;
}

/* Changes what begins at `offset` of the stream. */
static void change(const struct output_patches *patches, uint64_t offset, uint8_t *bytes,
                   size_t len)
{
    for (size_t i = 0; i < patches->count; i++) {
        const struct output_patch *patch = &patches->items[i];
        const uint64_t begin = patch->offset > offset ? patch->offset : offset;
        const uint64_t patch_end = patch->offset + patch->len;
        const uint64_t end = patch_end < offset + len ? patch_end : offset + len;
        if (begin < end)
            memcpy(bytes + (begin - offset),
                   patches->bytes.data + patch->at + (begin - patch->offset), end - begin);
    }
}

static int look(const struct output *out, uint64_t done, struct lcap_error *error)
{
    const struct lcap_progress progress = {
        .name = output_name(out), .input = LCAP_NO_INPUT, .done = done};
    return waiting_look(&progress, error);
}

/* Fills all room that the output has, for the blocks of BGZF depend on what comes at once. */
static int copy(const struct output_patches *patches, struct input *in, struct output *out,
                struct lcap_error *error)
{
    for (;;) {
        const uint8_t *data;
        const uint64_t offset = input_offset(in);
        if (look(out, offset, error) < 0)
            return LCAP_ERR_INTERRUPTED;
        const int64_t have = input_peek(in, 1, &data, error);
        if (have <= 0)
            return (int)have;
        uint8_t *room = output_reserve(out, 1);
        if (!room)
            return output_error(out, error);
        const size_t room_len = (size_t)(out->end - room);
        const size_t len = (size_t)have < room_len ? (size_t)have : room_len;
        memcpy(room, data, len);
        change(patches, offset, room, len);
        output_commit(out, len);
        input_skip(in, len);
    }
}

/* Reads the file once more, whose descriptor stays the caller's. */
static int open_again(struct input **in, int fd, const char *path, unsigned threads,
                      struct lcap_error *error)
{
    *in = NULL;
    const int again = lseek(fd, 0, SEEK_SET) < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (again < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read again", path);
    const int rc = input_open_fd(in, again, path, error);
    if (rc == LCAP_OK)
        input_use_threads(*in, threads);
    return rc;
}

int output_patches_apply(const struct output_patches *patches, int fd, const char *path,
                         const struct output_options *options, struct lcap_error *error)
{
    struct input *in;
    struct output *out = NULL;
    int rc = open_again(&in, fd, path, options->threads, error);
    if (rc == LCAP_OK)
        rc = output_open(&out, path, options, error);
    if (in && out)
        rc = copy(patches, in, out, error);
    input_free(in);
    if (rc == LCAP_OK)
        return output_close(out, error);
    output_discard(out);
    return rc;
}

void output_patches_release(struct output_patches *patches)
{
    free(patches->items);
    buffer_release(&patches->bytes);
}
