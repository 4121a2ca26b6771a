/* Output: one buffer, a compressor if the name asks for one, and the target. */
#include "base/io/output.h"

#include "base/io/compression.h"
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/memory.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fits into the second-level cache. From 128 KiB to 4 MiB the time to write 1 GB is the same. */
#define WRITE_BLOCK ((size_t)256 << 10)

struct output_sink {
    struct target target;
    uint8_t *buffer;
    size_t capacity;
    bool keep_cut;
    uint64_t passed_on; /* bytes that have left the buffer */
    off_t written;      /* bytes in the file, up to the last call that was written whole */
    struct compressor *compressor; /* NULL: plain bytes */
    uint8_t *packed;               /* WRITE_BLOCK bytes for its output */
    struct lcap_error failure;
};

static int set_capacity(struct output_sink *s, size_t needed, struct lcap_error *error)
{
    void *memory = s->buffer;
    int rc = memory_grow(&memory, &s->capacity, needed, 1, error);
    s->buffer = memory;
    return rc;
}

/* All of the buffer is free; none of it once the output has failed. */
static void empty_buffer(struct output *out)
{
    struct output_sink *s = out->sink;
    out->next = s->buffer;
    out->end = s->failure.code == LCAP_OK ? s->buffer + s->capacity : s->buffer;
}

static int prepare_compressor(struct output_sink *s, const char *path, struct lcap_error *error)
{
    enum compression kind = compression_of_name(path);
    if (kind == COMPRESSION_NONE)
        return LCAP_OK;
    s->packed = memory_new(1, WRITE_BLOCK, error);
    return s->packed ? compressor_new(&s->compressor, kind, error) : LCAP_ERR_MEMORY;
}

static void free_all(struct output *out)
{
    struct output_sink *s = out->sink;
    compressor_free(s->compressor);
    free(s->packed);
    free(s->buffer);
    free(s);
    free(out);
}

int output_open(struct output **out, const char *path, const struct output_options *options,
                struct lcap_error *error)
{
    *out = NULL;
    struct output *made = memory_new(1, sizeof *made, error);
    struct output_sink *s = memory_new(1, sizeof *s, error);
    if (!made || !s) {
        free(made);
        free(s);
        return LCAP_ERR_MEMORY;
    }
    made->sink = s;
    s->keep_cut = options && options->keep_cut;
    int rc = set_capacity(s, WRITE_BLOCK, error);
    if (rc == LCAP_OK)
        rc = prepare_compressor(s, path, error);
    if (rc == LCAP_OK)
        rc = target_open(&s->target, path, options && options->overwrite, error);
    if (rc < 0) {
        free_all(made);
        return rc;
    }
    s->target.no_sync = options && options->no_sync;
    empty_buffer(made);
    *out = made;
    return LCAP_OK;
}

int output_try(const char *path, const struct output_options *options, struct lcap_error *error)
{
    struct target target;
    if (target_is_stream(path))
        return LCAP_OK;
    int rc = target_open(&target, path, options && options->overwrite, error);
    if (rc == LCAP_OK)
        target_discard(&target);
    return rc;
}

static void write_out(struct output_sink *s, const uint8_t *data, size_t len)
{
    if (s->failure.code != LCAP_OK)
        return;
    if (file_write(s->target.fd, data, len) == 0)
        s->written += (off_t)len;
    else
        lcap_error_set_errno(&s->failure, errno, "%s: cannot write", s->target.name);
}

static void compress_out(struct output_sink *s, const uint8_t *data, size_t len,
                         enum compress_goal goal)
{
    struct codec_step step = {.in = data, .in_left = len};
    int more = 1;
    while (more == 1 && s->failure.code == LCAP_OK) {
        step.out = s->packed;
        step.out_left = WRITE_BLOCK;
        more = compressor_step(s->compressor, &step, goal, &s->failure);
        write_out(s, s->packed, WRITE_BLOCK - step.out_left);
    }
    if (more < 0)
        lcap_error_prefix(&s->failure, "%s: ", s->target.name);
}

static void pass_on(struct output_sink *s, const uint8_t *data, size_t len, enum compress_goal goal)
{
    if (s->compressor)
        compress_out(s, data, len, goal);
    else
        write_out(s, data, len);
    s->passed_on += len;
}

static void drain(struct output *out, enum compress_goal goal)
{
    struct output_sink *s = out->sink;
    pass_on(s, s->buffer, (size_t)(out->next - s->buffer), goal);
    empty_buffer(out);
}

uint8_t *output_make_room(struct output *out, size_t len)
{
    struct output_sink *s = out->sink;
    drain(out, COMPRESS_MORE);
    if (s->failure.code == LCAP_OK)
        set_capacity(s, len, &s->failure);
    empty_buffer(out);
    return s->failure.code == LCAP_OK ? out->next : NULL;
}

void output_write(struct output *out, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    if (len > (size_t)(out->end - out->next))
        drain(out, COMPRESS_MORE);
    if (len > (size_t)(out->end - out->next)) {
        pass_on(s, data, len, COMPRESS_MORE);
    } else if (len > 0) {
        memcpy(out->next, data, len);
        out->next += len;
    }
}

int output_error(const struct output *out, struct lcap_error *error)
{
    const struct lcap_error *failure = &out->sink->failure;
    if (failure->code == LCAP_OK)
        return LCAP_OK;
    return lcap_error_set(error, failure->code, "%s", failure->text);
}

int output_flush(struct output *out, struct lcap_error *error)
{
    drain(out, COMPRESS_FLUSH);
    return output_error(out, error);
}

bool output_can_patch(const char *path)
{
    return !target_is_stream(path) && compression_of_name(path) == COMPRESSION_NONE;
}

void output_patch(struct output *out, uint64_t offset, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    drain(out, COMPRESS_MORE);
    if (s->failure.code != LCAP_OK || s->compressor || !s->target.temporary)
        return;
    if (file_write_at(s->target.fd, data, len, (off_t)offset) < 0)
        lcap_error_set_errno(&s->failure, errno, "%s: cannot write", s->target.name);
    empty_buffer(out);
}

uint64_t output_bytes(const struct output *out)
{
    return out->sink->passed_on + (uint64_t)(out->next - out->sink->buffer);
}

const char *output_name(const struct output *out)
{
    return out->sink->target.name;
}

/* The buffer is never passed on in the middle of a call, so cutting the file after `written` loses
 * no whole call. */
static bool place_cut_file(struct output_sink *s)
{
    if (!s->keep_cut || !s->target.temporary || s->written == 0 ||
        ftruncate(s->target.fd, s->written) != 0)
        return false;
    /* A disk that fails must not cost what has been written. */
    s->target.no_sync |= file_sync(s->target.fd) != 0;
    return target_finish(&s->target, NULL) == LCAP_OK;
}

int output_close(struct output *out, struct lcap_error *error)
{
    struct output_sink *s = out->sink;
    drain(out, COMPRESS_FINISH);
    int rc = s->failure.code;
    if (rc == LCAP_OK)
        rc = target_finish(&s->target, error);
    else if (place_cut_file(s))
        lcap_error_set(error, rc, "%s (the part already written is kept)", s->failure.text);
    else
        output_error(out, error);
    target_discard(&s->target);
    free_all(out);
    return rc;
}

void output_discard(struct output *out)
{
    if (!out)
        return;
    target_discard(&out->sink->target);
    free_all(out);
}
