/* The temporary file of a sort: appending, reading and removing runs. */
#include "sort/spill.h"

#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spill_piece {
    uint8_t *data;
    size_t len;
    uint64_t at; /* in the file */
};

int spill_init(struct spill *spill, const char *directory, unsigned threads, size_t piece_size,
               struct lcap_error *error)
{
    *spill = (struct spill){.fd = -1, .threads = threads, .piece_size = piece_size};
    spill->directory = memory_copy_text(directory, strlen(directory), error);
    return spill->directory ? LCAP_OK : LCAP_ERR_MEMORY;
}

size_t spill_memory(const struct spill *spill)
{
    return pipeline_buffers(spill->threads) * spill->piece_size;
}

void spill_release(struct spill *spill)
{
    pipeline_free(spill->pipeline);
    if (spill->fd >= 0)
        close(spill->fd);
    free(spill->kept);
    free(spill->runs);
    free(spill->directory);
    *spill = (struct spill){.fd = -1};
}

/* After a failure nothing more is written. */
static void write_piece(void *context, void *buffer)
{
    struct spill *spill = context;
    const struct spill_piece *piece = buffer;
    if (atomic_load(&spill->failed) ||
        file_write_at(spill->fd, piece->data, piece->len, piece->at) == 0)
        return;
    lcap_error_set_errno(&spill->failure, errno, "%s: cannot write temporary file",
                         spill->directory);
    atomic_store(&spill->failed, true);
}

static void release_piece(void *buffer)
{
    free(((struct spill_piece *)buffer)->data);
}

static int take_piece(struct spill *spill, struct lcap_error *error)
{
    struct spill_piece *piece = pipeline_blank(spill->pipeline);
    if (!piece->data && !(piece->data = memory_new(1, spill->piece_size, error)))
        return LCAP_ERR_MEMORY;
    piece->len = 0;
    piece->at = spill->end;
    spill->piece = piece;
    return LCAP_OK;
}

static int open_file(struct spill *spill, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct spill_piece),
        .threads = spill->threads,
        .context = spill,
        .last = write_piece,
        .release = release_piece,
    };
    spill->fd = tempfile_open_unnamed(spill->directory, error);
    if (spill->fd < 0)
        return spill->fd;
    const int rc = pipeline_new(&spill->pipeline, &plan, error);
    return rc == LCAP_OK ? take_piece(spill, error) : rc;
}

int spill_keep(struct spill *spill, size_t size, struct lcap_error *error)
{
    spill->kept = memory_new(1, size, error);
    spill->keeps = spill->kept ? size : 0;
    return spill->kept ? LCAP_OK : LCAP_ERR_MEMORY;
}

void spill_begin_run(struct spill *spill)
{
    spill->begun = spill->end;
}

static int submit(struct spill *spill, struct lcap_error *error)
{
    pipeline_submit(spill->pipeline);
    return take_piece(spill, error);
}

/* So many of `len` bytes from that place on are kept. */
static size_t kept_of(const struct spill *spill, uint64_t offset, size_t len)
{
    const size_t kept = offset < spill->keeps ? spill->keeps - (size_t)offset : 0;
    return len < kept ? len : kept;
}

static size_t write_kept(struct spill *spill, const void *data, size_t len)
{
    const size_t kept = kept_of(spill, spill->end, len);
    if (kept > 0)
        memcpy(spill->kept + spill->end, data, kept);
    spill->end += kept;
    return kept;
}

int spill_write(struct spill *spill, const void *data, size_t len, struct lcap_error *error)
{
    const size_t kept = write_kept(spill, data, len);
    const uint8_t *from = (const uint8_t *)data + kept;
    int rc = LCAP_OK;
    len -= kept;
    if (len > 0 && spill->fd < 0)
        rc = open_file(spill, error);
    while (len > 0 && rc == LCAP_OK) {
        struct spill_piece *piece = spill->piece;
        const size_t room = spill->piece_size - piece->len;
        const size_t taken = len < room ? len : room;
        memcpy(piece->data + piece->len, from, taken);
        piece->len += taken;
        spill->end += taken;
        from += taken;
        len -= taken;
        if (piece->len == spill->piece_size)
            rc = submit(spill, error);
    }
    return rc;
}

int spill_settle(struct spill *spill, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!spill->pipeline)
        return LCAP_OK;
    if (spill->piece->len > 0)
        rc = submit(spill, error);
    pipeline_finish(spill->pipeline);
    return rc == LCAP_OK ? lcap_error_copy(error, &spill->failure) : rc;
}

/* Returns the space of a run that was merged into another one to the file system. */
static void give_back(const struct spill *spill, const struct run *run)
{
    /*
     * A file system that cannot do that keeps the space until the file is
     * closed; that is no error.
     */
    (void)fallocate(spill->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)run->offset,
                    (off_t)run->len);
}

int spill_end_run(struct spill *spill, size_t first, size_t replaced, struct lcap_error *error)
{
    void *runs = spill->runs;
    const int rc =
        memory_grow(&runs, &spill->run_capacity, spill->run_count + 1, sizeof *spill->runs, error);
    spill->runs = runs;
    if (rc < 0)
        return rc;
    for (size_t i = first; i < first + replaced; i++)
        give_back(spill, &spill->runs[i]);
    struct run *behind = spill->runs + first + replaced;
    memmove(spill->runs + first + 1, behind,
            (spill->run_count - first - replaced) * sizeof *behind);
    spill->runs[first] = (struct run){spill->begun, spill->end - spill->begun};
    spill->run_count = spill->run_count - replaced + 1;
    return spill_failed(spill, error);
}

int spill_failed(struct spill *spill, struct lcap_error *error)
{
    return atomic_load(&spill->failed) ? spill_settle(spill, error) : LCAP_OK;
}

static int read_file(const struct spill *spill, uint64_t offset, void *data, size_t len,
                     struct lcap_error *error)
{
    const ssize_t got = file_read_at(spill->fd, data, len, offset);
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read temporary file",
                                    spill->directory);
    if ((size_t)got < len)
        return lcap_error_set(error, LCAP_ERR_IO,
                              "%s: temporary file: expected %zu bytes at byte %" PRIu64
                              ", found the end of the file",
                              spill->directory, len - (size_t)got, offset + (uint64_t)got);
    return LCAP_OK;
}

int spill_read(const struct spill *spill, uint64_t offset, void *data, size_t len,
               struct lcap_error *error)
{
    const size_t kept = kept_of(spill, offset, len);
    if (kept > 0)
        memcpy(data, spill->kept + offset, kept);
    return kept == len ? LCAP_OK
                       : read_file(spill, offset + kept, (uint8_t *)data + kept, len - kept, error);
}
