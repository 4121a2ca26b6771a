/*
 * The sorter: fills the slab, spills it when it is full, and returns the blocks in
 * order. Or refers to blocks that stay in files, and gathers them.
 */
#include "sort/sorter.h"

#include "base/memory.h"
#include "sort/block_files.h"
#include "sort/gather.h"
#include "sort/sort_runs.h"
#include "sort/windows.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pieces in which runs are written stay in the processor's cache. */
#define PIECE_MAX     (256u << 10)
/* In less memory they are small, and nobody else writes them. */
#define PIECE_MIN     (64u << 10)
#define LITTLE_MEMORY (4u << 20)

/* One merge takes so many runs easily, each through its largest buffer. */
#define RUNS_AT_ONCE 64

/* What lists and batches take for each block, unless batches would be too many or small. More
 * memory would save less time than it costs to touch it. */
#define GATHERED    64
#define SMALL_BATCH ((uint64_t)4 << 20)

/* Their names take little memory beside the least that there is. Blocks of more files are held. */
#define FILES_MOST 4096

struct sorter {
    struct sorter_options options;
    struct slab slab;
    struct spill spill;
    struct merge merge;
    struct gather gather;
    struct windows windows;
    size_t in_window; /* bytes of blocks since the last one */
    size_t memory;    /* the limit */
    size_t position;  /* of the next block, when nothing was spilled */
    uint32_t longest; /* block so far */

    bool refers; /* blocks may stay in their files */
    struct block_files files;
    const char *path; /* of the file that blocks come from, or NULL */
    const struct file_stamp *stamp;
    bool path_noted;         /* it is the last of `files` */
    uint64_t held, referred; /* bytes of blocks so far */
    size_t next_look;        /* once so many bytes of the slab are used */
};

/* One more thread writes. Its memory is taken from that of the slab. */
static int open_spill(struct sorter *s, struct lcap_error *error)
{
    const bool little = s->memory < LITTLE_MEMORY;
    const unsigned threads = little || s->options.threads < 2 ? 1 : 2;
    const int rc =
        spill_init(&s->spill, s->options.directory, threads, little ? PIECE_MIN : PIECE_MAX, error);
    s->memory -= spill_memory(&s->spill);
    return rc;
}

/*
 * If not all blocks fit, all are spilled, whatever the memory. More of it only makes
 * fewer runs, which one merge does not need.
 */
static size_t useful_memory(const struct sorter_options *options, size_t memory)
{
    uint64_t useful = options->least / RUNS_AT_ONCE;
    if (useful < SORTER_USUAL_MEMORY)
        useful = SORTER_USUAL_MEMORY;
    const bool spills = options->least > memory;
    return spills && memory > useful ? (size_t)useful : memory;
}

static void plan_windows(struct sorter *s)
{
    s->windows = (struct windows){.threads = s->options.threads,
                                  .spill = &s->spill,
                                  .files = &s->files,
                                  .is_sound = s->options.is_sound};
    windows_plan(&s->windows, s->options.least, s->memory);
}

int sorter_new(struct sorter **sorter, const struct sorter_options *options,
               struct lcap_error *error)
{
    *sorter = NULL;
    struct sorter *s = memory_new(1, sizeof *s, error);
    if (!s)
        return LCAP_ERR_MEMORY;
    s->options = *options;
    s->refers = options->is_sound && options->least > 0;
    s->memory = options->memory > SORTER_MIN_MEMORY ? options->memory : SORTER_MIN_MEMORY;
    if (!s->refers)
        s->memory = useful_memory(options, s->memory);
    int rc = open_spill(s, error);
    if (rc == LCAP_OK)
        rc = slab_init(&s->slab, s->memory, error);
    s->next_look = s->memory / 16;
    if (s->refers && options->scatters)
        plan_windows(s);
    if (rc < 0) {
        sorter_free(s);
        return rc;
    }
    *sorter = s;
    return LCAP_OK;
}

void sorter_free(struct sorter *s)
{
    if (!s)
        return;
    gather_release(&s->gather);
    windows_release(&s->windows);
    block_files_release(&s->files);
    merge_release(&s->merge);
    spill_release(&s->spill);
    slab_release(&s->slab);
    free(s);
}

/*
 * Whether a block is so long that the slab has to be enlarged for it. Besides the
 * longest block, at least half of the memory must be left for the buffers of a
 * merge.
 */
static bool too_long(const struct sorter *s, uint32_t len)
{
    return len > s->slab.size - s->memory / 2;
}

static int make_room(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (s->slab.count > 0)
        rc = sort_runs_add(&s->spill, &s->slab, s->options.threads, error);
    if (rc == LCAP_OK && too_long(s, len))
        rc = slab_enlarge(&s->slab, s->memory + len, error);
    return rc;
}

static uint8_t *reserve(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    if ((!slab_has_room(&s->slab, len) || too_long(s, len)) && make_room(s, len, error) < 0)
        return NULL;
    return slab_reserve(&s->slab, len);
}

static void note_length(struct sorter *s, uint32_t len)
{
    if (len > s->longest)
        s->longest = len;
}

void sorter_commit(struct sorter *s, struct sort_key key, uint32_t len)
{
    slab_commit(&s->slab, key, len);
    s->held += len;
    s->in_window += len;
    note_length(s, len);
}

/* ---- blocks that stay in their files ---- */

/* A longer block is held, so that any room for batches has room for it. */
static size_t longest_reference(const struct sorter *s)
{
    return s->memory / 16;
}

/*
 * How often files may be read once more for less time than writing and reading runs
 * takes. If they may not stay in the cache of the system, that is two times: as many
 * bytes from the disk as with runs, and to the disk.
 */
static uint64_t most_batches(uint64_t bytes)
{
    const uint64_t physical = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    return bytes < physical / 2 ? 8 : 2;
}

/*
 * Whether to go on with references, as far as the blocks so far tell: if most blocks
 * stay in files, the index fits half of the memory, and the batches are few.
 */
static bool is_worth_referring(const struct sorter *s)
{
    const uint64_t so_far = s->held + s->referred;
    const uint64_t all = s->options.least > so_far ? s->options.least : so_far;
    const double times = (double)all / (double)(so_far > 0 ? so_far : 1);
    const double index = times * (double)s->slab.count * sizeof(struct index_entry);
    const double held = times * (double)s->held;
    const double batch = (double)all / (double)most_batches(all);
    const double lists = index * SLAB_LISTED / sizeof(struct index_entry);
    const double memory = (double)s->memory;
    return s->referred >= s->held && index + held <= memory / 2 && lists + held + batch <= memory;
}

/* The first blocks of a capture may be short: only many of them tell. */
static bool must_hold(struct sorter *s, uint32_t len)
{
    const size_t used = slab_used(&s->slab) + sizeof(struct index_entry) + sizeof len + len;
    if (used > s->slab.size / 2)
        return true;
    if (used < s->next_look)
        return false;
    s->next_look *= 2;
    return !is_worth_referring(s);
}

static struct gather_source gather_from(const struct sorter *s, const struct slab *slab)
{
    return (struct gather_source){.slab = slab,
                                  .files = &s->files,
                                  .is_sound = s->options.is_sound,
                                  .threads = s->options.threads};
}

/* Limits the batches to that many bytes. */
static void limit_batch(struct gather_source *source, uint64_t len)
{
    if (source->lists.free_len > len)
        source->lists.free_len = (size_t)len;
}

static int hold(struct sorter *s, struct sort_key key, const uint8_t *data, uint32_t len,
                struct lcap_error *error)
{
    uint8_t *at = reserve(s, len, error);
    if (!at)
        return error ? error->code : LCAP_ERR_IO;
    if (len > 0)
        memcpy(at, data, len);
    sorter_commit(s, key, len);
    return LCAP_OK;
}

/* Copies all blocks, as they arrived, into the slab. */
static int hold_blocks(struct sorter *s, const struct slab *index, struct gather *gather,
                       struct lcap_error *error)
{
    const uint8_t *data;
    uint32_t len;
    int rc = LCAP_OK;
    for (size_t i = 0; i < index->count && rc >= 0; i++) {
        rc = gather_next(gather, &data, &len, error);
        if (rc == 1)
            rc = hold(s, slab_key(index, i), data, len, error);
    }
    return rc < 0 ? rc : LCAP_OK;
}

/* Holds all blocks from now on, those so far included. */
static int hold_all(struct sorter *s, struct lcap_error *error)
{
    struct slab index = s->slab;
    struct gather gather = {.position = 0};
    struct gather_source source = gather_from(s, &index);
    const size_t batch = longest_reference(s);
    slab_make_lists(&index, true, &source.lists);
    limit_batch(&source, batch);
    s->slab = (struct slab){0};
    s->refers = false;
    s->memory = useful_memory(&s->options,
                              s->memory - slab_used(&index) - index.count * SLAB_LISTED - batch);
    int rc = slab_init(&s->slab, s->memory, error);
    if (rc == LCAP_OK)
        rc = gather_begin(&gather, &source, error);
    if (rc == LCAP_OK)
        rc = hold_blocks(s, &index, &gather, error);
    gather_release(&gather);
    slab_release(&index);
    block_files_release(&s->files);
    return rc;
}

void sorter_file(struct sorter *s, const char *path, const struct file_stamp *stamp)
{
    s->path = path;
    s->stamp = stamp;
    s->path_noted = false;
}

bool sorter_may_refer(const struct sorter *s)
{
    return s->refers && s->path;
}

static int note_file(struct sorter *s, struct lcap_error *error)
{
    s->path_noted = true;
    return block_files_add(&s->files, s->path, s->stamp,
                           s->windows.blocks + (uint32_t)s->slab.count, error);
}

int sorter_refer(struct sorter *s, struct sort_key key, uint32_t len, uint64_t offset,
                 struct lcap_error *error)
{
    const bool known = s->path_noted || s->files.count < FILES_MOST;
    if (!known || len > longest_reference(s) || !place_can_be(offset, len)) {
        sorter_commit(s, key, len);
        return LCAP_OK;
    }
    const int rc = s->path_noted ? LCAP_OK : note_file(s, error);
    if (rc == LCAP_OK)
        slab_refer(&s->slab, key, place_in_file(offset, len));
    s->referred += len;
    s->in_window += len;
    note_length(s, len);
    return rc;
}

static uint64_t longer(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static int begin_gather(struct sorter *s, struct lcap_error *error)
{
    const uint64_t usual = (uint64_t)s->slab.count * (GATHERED - SLAB_LISTED);
    const uint64_t least = longer(s->referred / most_batches(s->referred), SMALL_BATCH);
    struct gather_source source = gather_from(s, &s->slab);
    slab_make_lists(&s->slab, false, &source.lists);
    limit_batch(&source, longer(longer(usual, least), s->longest));
    return gather_begin(&s->gather, &source, error);
}

static int end_window(struct sorter *s, struct lcap_error *error)
{
    s->in_window = 0;
    return s->slab.count > 0 ? windows_add(&s->windows, &s->slab, error) : LCAP_OK;
}

static int hold_again(void *context, struct sort_key key, const uint8_t *data, uint32_t len,
                      struct lcap_error *error)
{
    return hold(context, key, data, len, error);
}

/* Goes over to holding blocks, also those of windows. */
static int hold_windows(struct sorter *s, struct lcap_error *error)
{
    int rc = end_window(s, error);
    if (rc == LCAP_OK)
        rc = windows_settle(&s->windows, error);
    s->windows.size = 0;
    s->refers = false;
    s->memory = useful_memory(&s->options, s->memory / 4);
    slab_release(&s->slab);
    if (rc == LCAP_OK)
        rc = slab_init(&s->slab, s->memory, error);
    if (rc == LCAP_OK)
        rc = windows_walk(&s->windows, hold_again, s, error);
    windows_release(&s->windows);
    return rc;
}

/* Blocks of windows are counted in 32 bits, and one window has far fewer than the other half. */
static bool has_numbers_left(const struct windows *windows)
{
    return windows->begun + 1 < windows->most && windows->blocks <= UINT32_MAX / 2;
}

/* Ends a window that is full, or does without windows if these are not for such blocks. */
static int look_at_window(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    if (s->in_window + len <= s->windows.size)
        return LCAP_OK;
    if (len <= s->windows.size && s->referred >= s->held && has_numbers_left(&s->windows))
        return end_window(s, error);
    if (s->windows.begun > 0)
        return hold_windows(s, error);
    s->windows.size = 0;
    return LCAP_OK;
}

uint8_t *sorter_reserve(struct sorter *s, uint32_t len, struct lcap_error *error)
{
    if (s->windows.size > 0 && look_at_window(s, len, error) < 0)
        return NULL;
    if (s->refers && s->windows.size == 0 && must_hold(s, len) && hold_all(s, error) < 0)
        return NULL;
    return reserve(s, len, error);
}

/* ---- the order ---- */

static int finish_windows(struct sorter *s, struct lcap_error *error)
{
    int rc = end_window(s, error);
    slab_release(&s->slab);
    if (rc == LCAP_OK)
        rc = windows_settle(&s->windows, error);
    return rc;
}

int sorter_finish(struct sorter *s, struct lcap_error *error)
{
    if (s->windows.begun > 0)
        return finish_windows(s, error);
    if (s->spill.run_count == 0) {
        slab_sort(&s->slab, s->options.threads);
        return s->files.count > 0 ? begin_gather(s, error) : LCAP_OK;
    }
    int rc = LCAP_OK;
    if (s->slab.count > 0)
        rc = sort_runs_add(&s->spill, &s->slab, s->options.threads, error);
    const struct merge_memory memory = {s->slab.memory, s->slab.size, s->longest};
    return rc == LCAP_OK ? sort_runs_merge(&s->spill, &s->merge, &memory, error) : rc;
}

static int next_of_runs(struct sorter *s, struct sorted_block *block, struct lcap_error *error)
{
    struct record_header header;
    const uint8_t *data;
    const int rc = merge_next(&s->merge, &header, &data, error);
    if (rc == 1)
        *block = record_block(&header, data);
    return rc;
}

int sorter_next(struct sorter *s, struct sorted_block *block, struct lcap_error *error)
{
    if (s->spill.run_count > 0)
        return next_of_runs(s, block, error);
    if (s->files.count > 0) {
        *block = (struct sorted_block){.len = 0};
        return gather_next(&s->gather, &block->data, &block->len, error);
    }
    if (s->position == s->slab.count)
        return 0;
    *block = slab_block(&s->slab, s->position++);
    return 1;
}

int sorter_scatter(struct sorter *s, const struct sorted_output *output, struct lcap_error *error)
{
    if (s->windows.count == 0)
        return 0;
    const int rc = windows_scatter(&s->windows, output, error);
    return rc < 0 ? rc : 1;
}

uint64_t sorter_spilled_bytes(const struct sorter *s)
{
    return s->spill.end > s->spill.keeps ? s->spill.end - s->spill.keeps : 0;
}
