/* Reads windows. */
#include "sort/window_job.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks are visited at random: each is prefetched into the cache. */
#define PREFETCH_BLOCKS 8
#define PREFETCH_BYTES  384
#define CACHE_LINE      64

struct open_file {
    const struct block_file *file;
    int fd;
};

static size_t longer(size_t a, size_t b)
{
    return a > b ? a : b;
}

struct job_room job_room_of_windows(const struct windows *windows)
{
    struct job_room room = {0};
    for (size_t i = 0; i < windows->count; i++) {
        const struct window *window = &windows->items[i];
        const size_t spans = window->spans * sizeof(struct window_span);
        room.count = longer(room.count, window->count);
        room.bytes = longer(room.bytes, longer(spans, (size_t)window->held + window->read));
    }
    return room;
}

/* All buffers are aligned as entries are. */
static size_t aligned(size_t size)
{
    const size_t unit = sizeof(struct index_entry);
    return (size + unit - 1) / unit * unit;
}

int window_job_make_room(struct window_job *job, const struct job_room *room,
                         struct lcap_error *error)
{
    const size_t entries = room->count * sizeof *job->entries, bytes = aligned(room->bytes);
    const size_t size = entries + 2 * bytes;
    if (job->memory)
        return LCAP_OK;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: %zu bytes for sorting", size);
    job->memory = memory;
    job->size = size;
    job->entries = memory;
    job->data = (uint8_t *)memory + entries;
    job->sorted = job->data + bytes;
    return LCAP_OK;
}

/* `file` NULL: only closes the last one. */
static int change_file(struct open_file *open, const struct block_file *file,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (open->file == file)
        return rc;
    if (open->file)
        rc = block_file_close(open->file, open->fd, error);
    open->file = NULL;
    if (rc < 0 || !file)
        return rc;
    open->fd = block_file_open(file, error);
    if (open->fd < 0)
        return open->fd;
    open->file = file;
    return LCAP_OK;
}

static int read_span(int fd, const char *path, const struct window_span *span, uint8_t *to,
                     struct lcap_error *error)
{
    const ssize_t got = file_read_at(fd, to, span->len, span->offset);
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read at byte %" PRIu64, path,
                                    span->offset);
    return (size_t)got == span->len ? LCAP_OK : file_has_changed(path, error);
}

static int read_spans(const struct windows *windows, const struct window_span *spans,
                      uint32_t count, uint8_t *to, struct lcap_error *error)
{
    struct open_file open = {NULL, -1};
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < count && rc == LCAP_OK; to += spans[i++].len) {
        const struct block_file *file = &windows->files->items[spans[i].file];
        rc = change_file(&open, file, error);
        if (rc == LCAP_OK)
            rc = read_span(open.fd, file->path, &spans[i], to, error);
    }
    const int closed = change_file(&open, NULL, rc == LCAP_OK ? error : NULL);
    return rc == LCAP_OK ? closed : rc;
}

const struct index_entry *window_job_order(const struct window_job *job, uint32_t held,
                                           block_check *is_sound)
{
    uint8_t *to = job->sorted;
    for (uint32_t i = 0; i < job->count; i++) {
        const struct index_entry *entry = &job->entries[i];
        const uint32_t at = window_place_at(entry->place), len = window_place_len(entry->place);
        if (job->count - i > PREFETCH_BLOCKS) {
            const uint8_t *ahead = job->data + window_place_at(entry[PREFETCH_BLOCKS].place);
            for (size_t line = 0; line < PREFETCH_BYTES; line += CACHE_LINE)
                __builtin_prefetch(ahead + line);
        }
        if (at >= held && !is_sound(job->data + at, len))
            return entry;
        memcpy(to, job->data + at, len);
        to += len;
    }
    return NULL;
}

/* The file from which the byte at `at` was read. */
static const struct block_file *file_of(const struct windows *windows,
                                        const struct window_span *spans, uint32_t at)
{
    while (at >= spans->len)
        at -= spans++->len;
    return &windows->files->items[spans->file];
}

static int read_list(const struct windows *windows, uint64_t at, void *list, size_t len,
                     struct lcap_error *error)
{
    return len > 0 ? spill_read(windows->spill, at, list, len, error) : LCAP_OK;
}

int window_job_read(struct window_job *job, const struct windows *windows,
                    const struct job_room *room, size_t number, struct lcap_error *error)
{
    const struct window *window = &windows->items[number];
    const size_t index = window->count * sizeof *job->entries;
    const size_t spans_len = window->spans * sizeof(struct window_span);
    int rc = window_job_make_room(job, room, error);
    struct window_span *spans = (struct window_span *)(void *)job->sorted;
    job->number = number;
    job->count = window->count;
    if (rc == LCAP_OK)
        rc = read_list(windows, window->at, job->entries, index, error);
    if (rc == LCAP_OK)
        rc = read_list(windows, window->at + index, spans, spans_len, error);
    if (rc == LCAP_OK)
        rc = read_list(windows, window->at + index + spans_len, job->data, window->held, error);
    if (rc == LCAP_OK)
        rc = read_spans(windows, spans, window->spans, job->data + window->held, error);
    if (rc < 0)
        return rc;
    const struct index_entry *bad = window_job_order(job, window->held, windows->is_sound);
    if (!bad)
        return LCAP_OK;
    rc = read_list(windows, window->at + index, spans, spans_len, error);
    return rc < 0 ? rc
                  : file_has_changed(
                        file_of(windows, spans, window_place_at(bad->place) - window->held)->path,
                        error);
}

void window_job_release(void *item)
{
    struct window_job *job = item;
    if (job->memory)
        munmap(job->memory, job->size);
}
