/* Sorts windows and writes their indexes. */
#include "sort/windows.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include "sort/window_job.h"
#include "sort/window_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Small enough for the cache of a processor, and large enough for long pieces of hundreds of
 * samples. */
#define USUAL_WINDOW ((size_t)8 << 20)

/* More threads than that do not copy faster. */
#define THREADS_MOST    4u
/* In less memory the caller does it all. */
#define LITTLE_MEMORY   ((size_t)4 << 20)
/* Of few packets, windows take this share of the bytes, unless that is very little. */
#define SHARE_OF_BYTES  8
#define SMALL_SHARE     ((uint64_t)16 << 20)
/* What indexes in memory and windows in work take together for each block, unless that is very
 * little. */
#define MEMORY_OF_BLOCK 56
#define SMALL_ALL       ((double)(SMALL_SHARE * 2))
/* The memory of a window in work: what is read, what is in order, and the index. */
#define JOB_SIZES       2.5

static size_t least_of(size_t a, uint64_t b)
{
    return a < b ? a : (size_t)b;
}

void windows_plan(struct windows *windows, uint64_t bytes, size_t memory)
{
    const uint64_t share = bytes / SHARE_OF_BYTES;
    const size_t room = memory / 4 * 3;
    const size_t usual = least_of(room, share > SMALL_SHARE ? share : SMALL_SHARE);
    if (memory < LITTLE_MEMORY)
        windows->threads = 1;
    if (windows->threads > THREADS_MOST)
        windows->threads = THREADS_MOST;
    const double jobs = JOB_SIZES * (double)pipeline_buffers(windows->threads);
    windows->memory = memory / 16;
    windows->most = (size_t)sqrt((double)memory / 8 / sizeof(struct window_cut));
    windows->size = least_of(USUAL_WINDOW, (uint64_t)((double)usual / jobs));
    const size_t needed = (size_t)(bytes / windows->most * 5 / 4);
    if (windows->size < needed)
        windows->size = (double)needed * jobs <= (double)room ? needed : 0;
    if (bytes <= USUAL_WINDOW && bytes <= room / 2)
        windows->size = 0;
    windows->bytes = bytes;
    windows->jobs = (size_t)((double)windows->size * jobs);
    windows->room = room;
}

/* A slab whose blocks become a window. */
struct adding {
    struct slab slab;
    struct window window;
    struct window_span *spans; /* in free room of the slab */
    uint32_t file, file_end;   /* of the last span; the first block of another file */
};

static void extend_spans(struct adding *a, const struct windows *w, uint32_t block, uint64_t offset,
                         uint32_t len)
{
    struct window_span *last = a->window.spans > 0 ? &a->spans[a->window.spans - 1] : NULL;
    if (block >= a->file_end || !last) {
        const struct block_file *file = block_files_of(w->files, block, &a->file_end);
        a->file = (uint32_t)(file - w->files->items);
    }
    if (!last || last->file != a->file || last->offset + last->len != offset)
        a->spans[a->window.spans++] = (struct window_span){offset, a->file, len};
    else
        last->len += len;
    a->window.read += len;
}

/* From the place of a block in the slab or in its file to its place in the window as it is read. */
static uint64_t place_in_window(struct adding *a, const struct windows *w, uint32_t block,
                                uint64_t place)
{
    uint32_t len, at = a->window.held + a->window.read;
    if (is_in_file(place)) {
        len = place_len(place);
        extend_spans(a, w, block, place_offset(place), len);
    } else {
        const uint8_t *data = slab_block_at(&a->slab, place, &len);
        at = (uint32_t)(data - a->slab.memory - a->slab.blocks_start);
    }
    a->window.len += len;
    return window_place(at, len);
}

/* Chooses how much of the indexes stays in memory, as far as the first window tells. */
static int keep_indexes(const struct windows *w, const struct window *first,
                        struct lcap_error *error)
{
    const double blocks = (double)w->bytes / first->len * first->count;
    const double each = blocks * MEMORY_OF_BLOCK;
    const size_t all = least_of(w->room, (uint64_t)(each > SMALL_ALL ? each : SMALL_ALL));
    return all > w->jobs ? spill_keep(w->spill, all - w->jobs, error) : LCAP_OK;
}

static void take_slab(struct adding *a, const struct windows *w)
{
    struct index_entry *entries = slab_index(&a->slab);
    a->window.count = (uint32_t)a->slab.count;
    a->window.held = (uint32_t)(a->slab.size - a->slab.blocks_start);
    a->spans = (struct window_span *)(void *)(entries + a->slab.count);
    for (uint32_t i = 0; i < a->window.count; i++)
        entries[i].place = place_in_window(a, w, w->blocks + i, entries[i].place);
}

/* From now on an entry has, instead of its arrival, where its block begins in the sorted window. */
static void sort_entries(struct index_entry *entries, uint32_t count)
{
    uint32_t start = 0;
    index_sort(entries, count, 1);
    for (uint32_t i = 0; i < count; i++) {
        entries[i].arrival = start;
        start += window_place_len(entries[i].place);
    }
}

static int spill_window(struct adding *a, struct spill *spill, struct lcap_error *error)
{
    const struct window *window = &a->window;
    const size_t index = window->count * sizeof(struct index_entry);
    a->window.at = spill->end;
    int rc = spill_write(spill, slab_index(&a->slab), index, error);
    if (rc == LCAP_OK)
        rc = spill_write(spill, a->spans, window->spans * sizeof *a->spans, error);
    if (rc == LCAP_OK)
        rc = spill_write(spill, a->slab.memory + a->slab.blocks_start, window->held, error);
    return rc == LCAP_OK ? spill_failed(spill, error) : rc;
}

static int add_window(struct windows *windows, struct adding *a, struct lcap_error *error)
{
    void *items = windows->items;
    const int rc =
        memory_grow(&items, &windows->capacity, windows->count + 1, sizeof *windows->items, error);
    windows->items = items;
    if (rc < 0 || spill_window(a, windows->spill, error) < 0)
        return error->code;
    windows->items[windows->count++] = a->window;
    return LCAP_OK;
}

static void sort_window(void *context, void *item)
{
    struct adding *a = item;
    (void)context;
    sort_entries(slab_index(&a->slab), a->window.count);
}

static void write_window(void *context, void *item)
{
    struct windows *windows = context;
    struct adding *a = item;
    if (!atomic_load(&windows->failed) && add_window(windows, a, &windows->failure) < 0)
        atomic_store(&windows->failed, true);
    slab_clear(&a->slab);
}

static void release_slab(void *item)
{
    slab_release(&((struct adding *)item)->slab);
}

static int begin_adding(struct windows *windows, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct adding),
        .threads = windows->threads > 1 ? 2 : 1,
        .context = windows,
        .work = sort_window,
        .last = write_window,
        .release = release_slab,
    };
    return windows->pipeline ? LCAP_OK : pipeline_new(&windows->pipeline, &plan, error);
}

int windows_add(struct windows *windows, struct slab *slab, struct lcap_error *error)
{
    int rc = begin_adding(windows, error);
    if (rc < 0)
        return rc;
    if (atomic_load(&windows->failed))
        return windows_settle(windows, error);
    struct adding *a = pipeline_blank(windows->pipeline);
    struct slab next = a->slab;
    if (!next.memory)
        rc = slab_init(&next, slab->size, error);
    if (rc < 0)
        return rc;
    *a = (struct adding){.slab = *slab};
    *slab = next;
    take_slab(a, windows);
    if (windows->begun == 0)
        rc = keep_indexes(windows, &a->window, error);
    if (rc < 0)
        return rc;
    windows->begun++;
    windows->blocks += a->window.count;
    pipeline_submit(windows->pipeline);
    return LCAP_OK;
}

int windows_settle(struct windows *windows, struct lcap_error *error)
{
    pipeline_finish(windows->pipeline);
    pipeline_free(windows->pipeline);
    windows->pipeline = NULL;
    const int rc = lcap_error_copy(error, &windows->failure);
    return rc == LCAP_OK ? spill_settle(windows->spill, error) : rc;
}

static int walk_window(const struct window_job *job, window_block *take, void *context,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < job->count && rc == LCAP_OK; i++) {
        const struct index_entry *entry = &job->entries[i];
        rc = take(context, index_key(entry), job->sorted + entry->arrival,
                  window_place_len(entry->place), error);
    }
    return rc;
}

int windows_walk(const struct windows *windows, window_block *take, void *context,
                 struct lcap_error *error)
{
    struct window_job job = {0};
    const struct job_room room = job_room_of_windows(windows);
    int rc = LCAP_OK;
    for (size_t i = 0; i < windows->count && rc == LCAP_OK; i++) {
        rc = window_job_read(&job, windows, &room, i, error);
        if (rc == LCAP_OK)
            rc = walk_window(&job, take, context, error);
    }
    window_job_release(&job);
    return rc;
}

void windows_release(struct windows *windows)
{
    pipeline_free(windows->pipeline);
    free(windows->items);
    *windows = (struct windows){.size = 0};
}
