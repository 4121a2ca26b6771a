/* The temporary file of a sort: appending, reading and removing runs. */
#include "sort/spill.h"

#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int spill_init(struct spill *spill, const char *directory, struct lcap_error *error)
{
    *spill = (struct spill){.fd = -1};
    spill->directory = memory_copy_text(directory, strlen(directory), error);
    return spill->directory ? LCAP_OK : LCAP_ERR_MEMORY;
}

void spill_release(struct spill *spill)
{
    if (spill->fd >= 0)
        close(spill->fd);
    free(spill->runs);
    free(spill->directory);
    *spill = (struct spill){.fd = -1};
}

static int write_out(struct spill *spill, const uint8_t *data, size_t len, struct lcap_error *error)
{
    if (file_write_at(spill->fd, data, len, spill->end) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot write temporary file",
                                    spill->directory);
    spill->end += len;
    return LCAP_OK;
}

static int flush(struct spill *spill, struct lcap_error *error)
{
    size_t len = spill->buffered;
    spill->buffered = 0;
    return write_out(spill, spill->buffer, len, error);
}

int spill_begin_run(struct spill *spill, uint8_t *buffer, size_t buffer_size,
                    struct lcap_error *error)
{
    if (spill->fd < 0) {
        int fd = tempfile_open_unnamed(spill->directory, error);
        if (fd < 0)
            return fd;
        spill->fd = fd;
    }
    spill->buffer = buffer;
    spill->buffer_size = buffer_size;
    spill->buffered = 0;
    spill->begun = spill->end;
    return LCAP_OK;
}

int spill_write(struct spill *spill, const void *data, size_t len, struct lcap_error *error)
{
    if (len > spill->buffer_size - spill->buffered) {
        int rc = flush(spill, error);
        if (rc < 0)
            return rc;
        if (len >= spill->buffer_size)
            return write_out(spill, data, len, error);
    }
    memcpy(spill->buffer + spill->buffered, data, len);
    spill->buffered += len;
    return LCAP_OK;
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
    int rc = flush(spill, error);
    if (rc < 0)
        return rc;
    void *runs = spill->runs;
    rc = memory_grow(&runs, &spill->run_capacity, spill->run_count + 1, sizeof *spill->runs, error);
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
    return LCAP_OK;
}

int spill_read(const struct spill *spill, uint64_t offset, void *data, size_t len,
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
