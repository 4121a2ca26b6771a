/* Output: buffers that are packed if the name asks for it, and written to the target. */
#include "base/io/output.h"

#include "base/codec/bgzf.h"
#include "base/codec/checksum.h"
#include "base/codec/zstd_packer.h"
#include "base/io/compression.h"
#include "base/io/file.h"
#include "base/io/output_patches.h"
#include "base/io/output_pieces.h"
#include "base/io/target.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fits into the second-level cache. From 128 KiB to 4 MiB the time to write 1 GB is the same. */
#define WRITE_BLOCK ((size_t)256 << 10)

/* As much is written from where it is: the copy takes longer than one more call of the system. */
#define LARGE_WRITE ((size_t)64 << 10)

/* Blocks of BGZF that are packed at once. */
#define PARCEL_BLOCKS ((size_t)4)

/* With four parcels, the thread that fills them and the one that writes waited for one another
 * more often: label took 6 % longer. */
#define LEAST_PARCELS 8

/* Bytes on their way to the target. */
struct parcel {
    uint8_t *data;
    size_t len, capacity;
    enum pack_goal goal;
    uint8_t *packed; /* BGZF: the blocks of `data` */
    size_t packed_len, packed_capacity;
    struct libdeflate_compressor *packer;
    struct lcap_error failure; /* of packing */
};

struct output_sink {
    struct target target;
    enum compression compression;
    int level;
    unsigned threads;
    bool keep_cut;
    struct pipeline *pipeline;
    struct parcel *parcel; /* that is being filled */
    size_t usual;          /* how much of a parcel is filled, unless more is needed at once */
    uint64_t passed_on;    /* bytes in parcels that have been passed on */
    struct lcap_error failure;
    struct output_patches patches; /* of what has been packed */
    bool settled;                  /* nothing but the parcel has to be written */
    struct output_pieces pieces;   /* with a checksum: those that did not come in their order */

    /* What belongs to the last stage. */
    struct zstd_packer *zstd;
    uint8_t *zstd_room; /* WRITE_BLOCK bytes for its output */
    uint32_t *checksum; /* of the bytes that came in their order, or NULL */
    off_t written;      /* bytes in the file, up to the last parcel that was written whole */
    struct lcap_error write_failure;
    atomic_bool has_failed; /* `write_failure` is set, and does not change any more */
};

static int set_capacity(uint8_t **data, size_t *capacity, size_t needed, struct lcap_error *error)
{
    void *memory = *data;
    int rc = memory_grow(&memory, capacity, needed, 1, error);
    *data = memory;
    return rc;
}

/* The room of the parcel is `len` bytes, none once the output has failed. It does not depend on how
 * much memory the parcel happens to have, because the blocks of BGZF depend on it. */
static void open_room(struct output *out, size_t len)
{
    struct output_sink *s = out->sink;
    struct parcel *parcel = s->parcel;
    if (s->failure.code == LCAP_OK)
        set_capacity(&parcel->data, &parcel->capacity, len, &s->failure);
    out->next = parcel->data;
    out->end = s->failure.code == LCAP_OK && len > 0 ? parcel->data + len : parcel->data;
}

static int pack_blocks(const struct output_sink *s, struct parcel *parcel)
{
    const size_t blocks = (parcel->len + BGZF_DATA - 1) / BGZF_DATA;
    parcel->packed_len = 0;
    if (set_capacity(&parcel->packed, &parcel->packed_capacity, blocks * BGZF_MOST,
                     &parcel->failure) < 0)
        return LCAP_ERR_MEMORY;
    if (!parcel->packer && !(parcel->packer = bgzf_packer_new(s->level, &parcel->failure)))
        return LCAP_ERR_MEMORY;
    for (size_t at = 0; at < parcel->len; at += BGZF_DATA) {
        const size_t left = parcel->len - at;
        parcel->packed_len +=
            bgzf_pack(parcel->packer, parcel->data + at, left < BGZF_DATA ? left : BGZF_DATA,
                      parcel->packed + parcel->packed_len);
    }
    return LCAP_OK;
}

/* The second stage. */
static void pack_parcel(void *sink, void *parcel)
{
    const struct output_sink *s = sink;
    if (s->compression == COMPRESSION_BGZF)
        pack_blocks(s, parcel);
}

/* To a stream in steps, if somebody looks on. */
static int write_all(const struct output_sink *s, const uint8_t *data, size_t len,
                     struct lcap_error *error)
{
    if (!s->target.temporary && waiting_is_watched())
        return waiting_write(s->target.fd, s->target.name, data, len, error);
    return file_write(s->target.fd, data, len) == 0
               ? LCAP_OK
               : lcap_error_set_errno(error, errno, "%s: cannot write", s->target.name);
}

static void write_out(struct output_sink *s, const uint8_t *data, size_t len)
{
    if (s->write_failure.code == LCAP_OK)
        write_all(s, data, len, &s->write_failure);
    if (s->write_failure.code == LCAP_OK)
        s->written += (off_t)len;
    if (s->checksum)
        *s->checksum = checksum_add(*s->checksum, data, len);
}

static void write_blocks(struct output_sink *s, const struct parcel *parcel)
{
    lcap_error_copy(&s->write_failure, &parcel->failure);
    write_out(s, parcel->packed, parcel->packed_len);
    if (parcel->goal == PACK_FINISH)
        write_out(s, bgzf_end, BGZF_END_LEN);
}

/* With the first parcel: if it holds all there is, others than one worker had nothing to do. */
static int begin_zstd(struct output_sink *s, const struct parcel *parcel)
{
    const unsigned workers = parcel->goal == PACK_FINISH ? 1 : s->threads;
    if (s->zstd || s->write_failure.code != LCAP_OK)
        return s->write_failure.code;
    s->zstd_room = memory_new(1, WRITE_BLOCK, &s->write_failure);
    return s->zstd_room ? zstd_packer_new(&s->zstd, s->level, workers, &s->write_failure)
                        : LCAP_ERR_MEMORY;
}

static void write_zstd(struct output_sink *s, const struct parcel *parcel)
{
    struct codec_step step = {.in = parcel->data, .in_left = parcel->len};
    int more = begin_zstd(s, parcel) == LCAP_OK;
    while (more == 1 && s->write_failure.code == LCAP_OK) {
        step.out = s->zstd_room;
        step.out_left = WRITE_BLOCK;
        more = zstd_packer_step(s->zstd, &step, parcel->goal, &s->write_failure);
        write_out(s, s->zstd_room, WRITE_BLOCK - step.out_left);
    }
    if (more < 0)
        lcap_error_prefix(&s->write_failure, "%s: ", s->target.name);
}

static void note_failure(struct output_sink *s)
{
    if (s->write_failure.code != LCAP_OK)
        atomic_store_explicit(&s->has_failed, true, memory_order_release);
}

/* The last stage. */
static void write_parcel(void *sink, void *written)
{
    struct output_sink *s = sink;
    const struct parcel *parcel = written;
    if (s->compression == COMPRESSION_BGZF)
        write_blocks(s, parcel);
    else if (s->compression == COMPRESSION_ZSTD)
        write_zstd(s, parcel);
    else
        write_out(s, parcel->data, parcel->len);
    note_failure(s);
}

static void release_parcel(void *released)
{
    struct parcel *parcel = released;
    bgzf_packer_free(parcel->packer);
    free(parcel->packed);
    free(parcel->data);
}

static void notice_failure(struct output_sink *s)
{
    if (s->failure.code == LCAP_OK && atomic_load_explicit(&s->has_failed, memory_order_acquire))
        s->failure = s->write_failure;
}

static int prepare_compression(struct output_sink *s, const char *path,
                               const struct output_options *options, struct lcap_error *error)
{
    int rc = compression_check_name(path, error);
    if (rc < 0)
        return rc;
    s->compression = compression_of_name(path);
    s->level = compression_level(path, options->level, error);
    /* A thread could not be stopped that waits for the reader of a pipe. */
    s->threads = options->threads > 0 && !(waiting_is_watched() && target_is_stream(path))
                     ? options->threads
                     : 1;
    s->checksum = options->checksum;
    if (s->checksum)
        *s->checksum = 0;
    s->usual = s->compression == COMPRESSION_BGZF ? PARCEL_BLOCKS * BGZF_DATA : WRITE_BLOCK;
    return s->level < 0 ? s->level : LCAP_OK;
}

/* One thread is enough to write behind (zstd packs with its own); several pack blocks. */
static int prepare_pipeline(struct output_sink *s, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct parcel),
        .threads = s->compression != COMPRESSION_BGZF && s->threads > 2 ? 2 : s->threads,
        .start = PIPELINE_START,
        .least = LEAST_PARCELS,
        .context = s,
        .work = pack_parcel,
        .last = write_parcel,
        .release = release_parcel,
    };
    const int rc = pipeline_new(&s->pipeline, &plan, error);
    if (rc == LCAP_OK)
        s->parcel = pipeline_blank(s->pipeline);
    return rc;
}

static void free_all(struct output *out)
{
    struct output_sink *s = out->sink;
    output_patches_release(&s->patches);
    output_pieces_release(&s->pieces);
    zstd_packer_free(s->zstd);
    free(s->zstd_room);
    free(s);
    free(out);
}

int output_open(struct output **out, const char *path, const struct output_options *options,
                struct lcap_error *error)
{
    static const struct output_options defaults;
    *out = NULL;
    struct output *made = memory_new(1, sizeof *made, error);
    struct output_sink *s = memory_new(1, sizeof *s, error);
    if (!made || !s) {
        free(made);
        free(s);
        return LCAP_ERR_MEMORY;
    }
    made->sink = s;
    options = options ? options : &defaults;
    s->keep_cut = options->keep_cut;
    int rc = prepare_compression(s, path, options, error);
    if (rc == LCAP_OK)
        rc = prepare_pipeline(s, error);
    if (rc == LCAP_OK)
        rc = target_open(&s->target, path, options->overwrite, options->is_private, error);
    if (rc < 0) {
        pipeline_free(s->pipeline);
        free_all(made);
        return rc;
    }
    s->target.no_sync = options->no_sync;
    open_room(made, s->usual);
    *out = made;
    return LCAP_OK;
}

int output_try(const char *path, const struct output_options *options, struct lcap_error *error)
{
    struct target target;
    const bool overwrite = options && options->overwrite;
    int rc = compression_level(path, options ? options->level : 0, error);
    if (rc < 0 || target_is_stream(path))
        return rc < 0 ? rc : LCAP_OK;
    rc = target_open(&target, path, overwrite, options && options->is_private, error);
    if (rc == LCAP_OK)
        target_discard(&target);
    return rc;
}

/* Passes on what is in the parcel, and opens the next one for `len` bytes. */
static void drain(struct output *out, enum pack_goal goal, size_t len)
{
    struct output_sink *s = out->sink;
    s->parcel->len = (size_t)(out->next - s->parcel->data);
    s->parcel->goal = goal;
    s->passed_on += s->parcel->len;
    pipeline_submit(s->pipeline);
    s->settled = goal != PACK_MORE;
    if (s->settled)
        pipeline_finish(s->pipeline);
    s->parcel = pipeline_blank(s->pipeline);
    notice_failure(s);
    open_room(out, len);
}

uint8_t *output_make_room(struct output *out, size_t len)
{
    struct output_sink *s = out->sink;
    drain(out, PACK_MORE, len > s->usual ? len : s->usual);
    return s->failure.code == LCAP_OK ? out->next : NULL;
}

/* With several threads, another one writes meanwhile. */
static bool writes_directly(const struct output_sink *s, size_t len)
{
    return len >= LARGE_WRITE && s->threads == 1 && s->compression == COMPRESSION_NONE;
}

static void write_directly(struct output *out, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    drain(out, PACK_MORE, s->usual);
    write_out(s, data, len);
    s->passed_on += len;
    note_failure(s);
    notice_failure(s);
    open_room(out, s->usual);
}

void output_write(struct output *out, const void *data, size_t len)
{
    if (writes_directly(out->sink, len)) {
        write_directly(out, data, len);
        return;
    }
    uint8_t *room = output_reserve(out, len);
    if (!room || len == 0)
        return;
    memcpy(room, data, len);
    output_commit(out, len);
}

void output_write_stream(struct output *out, const void *data, size_t len)
{
    const uint8_t *at = data;
    if (out->sink->compression == COMPRESSION_NONE) {
        output_write(out, data, len);
        return;
    }
    while (len > 0 && output_reserve(out, 1)) {
        const size_t room = (size_t)(out->end - out->next);
        const size_t part = len < room ? len : room;
        memcpy(out->next, at, part);
        output_commit(out, part);
        at += part;
        len -= part;
    }
}

bool output_shows_calls(const struct output *out)
{
    return out->sink->compression != COMPRESSION_NONE || out->sink->keep_cut;
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
    drain(out, PACK_FLUSH, out->sink->usual);
    target_begin_sync(&out->sink->target);
    return output_error(out, error);
}

bool output_can_patch(const char *path)
{
    return !target_is_stream(path);
}

static void patch_file(struct output *out, uint64_t offset, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    if (!s->settled || out->next > s->parcel->data)
        drain(out, PACK_FLUSH, s->usual);
    if (s->failure.code == LCAP_OK && file_write_at(s->target.fd, data, len, (off_t)offset) < 0)
        lcap_error_set_errno(&s->failure, errno, "%s: cannot write", s->target.name);
    open_room(out, s->usual);
}

bool output_can_write_at(const struct output *out)
{
    return out->sink->compression == COMPRESSION_NONE && out->sink->target.temporary;
}

void output_write_at(struct output *out, uint64_t offset, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    if (s->checksum && s->failure.code == LCAP_OK)
        output_pieces_add(&s->pieces, offset, data, len, &s->failure);
    if (s->failure.code == LCAP_OK)
        patch_file(out, offset, data, len);
}

void output_write_draft(struct output *out, uint64_t offset, const void *data, size_t len)
{
    if (out->sink->failure.code == LCAP_OK)
        patch_file(out, offset, data, len);
}

int output_read_draft(const struct output *out, uint64_t offset, void *data, size_t len,
                      struct lcap_error *error)
{
    const struct target *target = &out->sink->target;
    const ssize_t got = file_read_at(target->fd, data, len, offset);
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", target->name);
    return (size_t)got == len
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_IO, "%s: was changed while it was written",
                                target->name);
}

void output_patch(struct output *out, uint64_t offset, const void *data, size_t len)
{
    struct output_sink *s = out->sink;
    if (s->failure.code != LCAP_OK || !s->target.temporary)
        return;
    if (offset >= s->passed_on)
        memcpy(s->parcel->data + (offset - s->passed_on), data, len);
    else if (s->compression == COMPRESSION_NONE)
        patch_file(out, offset, data, len);
    else
        output_patches_add(&s->patches, offset, data, len, &s->failure);
}

uint64_t output_bytes(const struct output *out)
{
    return out->sink->passed_on + (uint64_t)(out->next - out->sink->parcel->data);
}

const char *output_name(const struct output *out)
{
    return out->sink->target.name;
}

/* A parcel is never passed on in the middle of a call, so cutting the file after `written` loses
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

static int finish(struct output_sink *s, struct lcap_error *error)
{
    const struct output_options options = {.overwrite = s->target.replace,
                                           .no_sync = s->target.no_sync,
                                           .is_private = s->target.is_private,
                                           .level = s->level,
                                           .threads = s->threads};
    if (s->checksum)
        *s->checksum = output_pieces_checksum(&s->pieces, *s->checksum);
    return s->patches.count == 0
               ? target_finish(&s->target, error)
               : output_patches_apply(&s->patches, s->target.fd, s->target.name, &options, error);
}

int output_close(struct output *out, struct lcap_error *error)
{
    struct output_sink *s = out->sink;
    drain(out, PACK_FINISH, 0);
    pipeline_free(s->pipeline);
    int rc = s->failure.code;
    if (rc == LCAP_OK)
        rc = finish(s, error);
    else if (place_cut_file(s))
        lcap_error_set(error, rc, "%s (the part already written is kept)", s->failure.text);
    else
        output_error(out, error);
    target_discard(&s->target);
    free_all(out);
    return rc;
}

/* What a stream has cannot be taken back. It gets the rest, too: then it ends with the last call,
 * not with one that depends on the number of threads. */
static bool has_streamed(const struct output *out)
{
    const struct output_sink *s = out->sink;
    return !s->target.temporary && (s->passed_on > 0 || output_bytes(out) >= LARGE_WRITE);
}

void output_discard(struct output *out)
{
    if (!out)
        return;
    if (has_streamed(out))
        drain(out, PACK_FLUSH, 0);
    pipeline_free(out->sink->pipeline);
    target_discard(&out->sink->target);
    free_all(out);
}
