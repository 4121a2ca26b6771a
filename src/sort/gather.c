/* Reads the blocks of a batch. */
#include "sort/gather.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A call of the system costs as much as copying so many bytes that are not wanted. */
#define GAP_MOST 8192

/* What is read at once stays in the processor's cache. */
#define CHUNK_MOST ((uint64_t)256 << 10)

#define PAGE 4096

/* A thread reads those of the batch among so many neighbours. */
#define PART_BLOCKS ((uint32_t)16 << 10)

/* More threads than that do not copy faster. */
#define THREADS_MOST 4u

/* The list is looked up at random: each place is prefetched into the cache. */
#define GATHER_PREFETCH 16

/* The target of a block that is to be read; that of any other is 0. */
static uint32_t gather_target(size_t offset)
{
    return (uint32_t)(offset / PLACE_UNIT + 1);
}

static size_t gather_most_of_batch(const struct gather_source *source)
{
    const uint64_t most = (uint64_t)(UINT32_MAX - 1) * PLACE_UNIT;
    return source->lists.free_len < most ? source->lists.free_len : (size_t)most;
}

/* Blocks with numbers [first, end). */
struct gather_part {
    uint32_t first, end;
    uint8_t *chunk;
    struct lcap_error failure;
};

/* A file, open for a part, up to block `end`. */
struct open_file {
    const struct block_file *file;
    int fd;
    uint32_t end;
};

static size_t target_offset(uint32_t target)
{
    return (size_t)(target - 1) * PLACE_UNIT;
}

static uint64_t end_of(uint64_t place)
{
    return place_offset(place) + place_len(place);
}

static uint32_t next_wanted(const struct gather *g, uint32_t block, uint32_t end)
{
    while (block < end && g->source.lists.targets[block] == 0)
        block++;
    return block;
}

static int read_bytes(const struct open_file *open, uint64_t offset, uint8_t *to, size_t len,
                      struct lcap_error *error)
{
    const ssize_t got = file_read_at(open->fd, to, len, offset);
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read at byte %" PRIu64,
                                    open->file->path, offset);
    return (size_t)got == len ? LCAP_OK : file_has_changed(open->file->path, error);
}

/* To the same place in its page, because copying is slow otherwise. */
static uint8_t *chunk_for(const struct gather_part *part, uint64_t offset)
{
    const size_t at = (size_t)((uintptr_t)part->chunk % PAGE);
    return part->chunk + (PAGE - at) + offset % PAGE;
}

/* Copies the blocks among [first, end) that are wanted from bytes that begin with the first. */
static int copy_blocks(const struct gather *g, const struct open_file *open, uint32_t first,
                       uint32_t end, const uint8_t *bytes, struct lcap_error *error)
{
    const struct slab_lists *lists = &g->source.lists;
    const uint64_t start = place_offset(lists->places[first]);
    for (uint32_t i = first; i < end; i = next_wanted(g, i + 1, end)) {
        const uint64_t place = lists->places[i];
        const uint8_t *block = bytes + (place_offset(place) - start);
        if (!g->source.is_sound(block, place_len(place)))
            return file_has_changed(open->file->path, error);
        memcpy(lists->free + target_offset(lists->targets[i]), block, place_len(place));
        lists->targets[i] = 0;
    }
    return LCAP_OK;
}

/* A long block goes to its target without a detour. */
static int read_long(const struct gather *g, const struct open_file *open, uint32_t block,
                     struct lcap_error *error)
{
    const struct slab_lists *lists = &g->source.lists;
    const uint64_t place = lists->places[block];
    uint8_t *to = lists->free + target_offset(lists->targets[block]);
    lists->targets[block] = 0;
    const int rc = read_bytes(open, place_offset(place), to, place_len(place), error);
    if (rc == LCAP_OK && !g->source.is_sound(to, place_len(place)))
        return file_has_changed(open->file->path, error);
    return rc;
}

/* Reads a wanted block, and those near behind it; *next is the first one that is not near. */
static int read_near(const struct gather *g, const struct gather_part *part,
                     const struct open_file *open, uint32_t *next, struct lcap_error *error)
{
    const uint64_t *places = g->source.lists.places;
    const uint32_t first = *next, limit = open->end < part->end ? open->end : part->end;
    const uint64_t start = place_offset(places[first]);
    uint64_t end = end_of(places[first]);
    uint32_t behind = first + 1, near;
    while ((near = next_wanted(g, behind, limit)) < limit &&
           place_offset(places[near]) <= end + GAP_MOST &&
           end_of(places[near]) - start <= CHUNK_MOST) {
        end = end_of(places[near]);
        behind = near + 1;
    }
    *next = near;
    if (end - start > CHUNK_MOST)
        return read_long(g, open, first, error);
    uint8_t *chunk = chunk_for(part, start);
    const int rc = read_bytes(open, start, chunk, (size_t)(end - start), error);
    return rc == LCAP_OK ? copy_blocks(g, open, first, behind, chunk, error) : rc;
}

static int read_file(const struct gather *g, const struct gather_part *part, uint32_t *next,
                     struct lcap_error *error)
{
    struct open_file open;
    open.file = block_files_of(g->source.files, *next, &open.end);
    const uint32_t end = open.end < part->end ? open.end : part->end;
    open.fd = block_file_open(open.file, error);
    int rc = open.fd < 0 ? open.fd : LCAP_OK;
    while (rc == LCAP_OK && *next < end)
        rc = read_near(g, part, &open, next, error);
    const int closed = open.fd < 0 ? LCAP_OK : block_file_close(open.file, open.fd, error);
    return rc == LCAP_OK ? closed : rc;
}

static void read_part(void *context, void *buffer)
{
    const struct gather *g = context;
    struct gather_part *part = buffer;
    uint32_t next = part->first;
    int rc = LCAP_OK;
    if (!part->chunk &&
        !(part->chunk = memory_new(1, CHUNK_MOST + (size_t)2 * PAGE, &part->failure)))
        return;
    while (rc == LCAP_OK && (next = next_wanted(g, next, part->end)) < part->end)
        rc = read_file(g, part, &next, &part->failure);
}

static void note_failure(void *context, void *buffer)
{
    struct gather *g = context;
    const struct gather_part *part = buffer;
    if (g->failure.code == LCAP_OK)
        g->failure = part->failure;
}

static void release_part(void *buffer)
{
    free(((struct gather_part *)buffer)->chunk);
}

int gather_begin(struct gather *g, const struct gather_source *source, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct gather_part),
        .threads = source->threads < THREADS_MOST ? source->threads : THREADS_MOST,
        .start = PIPELINE_START,
        .context = g,
        .work = read_part,
        .last = note_failure,
        .release = release_part,
    };
    *g = (struct gather){.source = *source};
    return pipeline_new(&g->pipeline, &plan, error);
}

/* Gives targets to as many blocks as fit. */
static void plan_batch(struct gather *g)
{
    const struct slab_lists *lists = &g->source.lists;
    const size_t most = gather_most_of_batch(&g->source), count = g->source.slab->count;
    size_t used = 0, position = g->position;
    g->first = UINT32_MAX;
    g->last = 0;
    for (; position < count; position++) {
        const uint32_t block = lists->order[position];
        const uint64_t place = lists->places[block];
        if (!is_in_file(place))
            continue;
        if (place_len(place) > most - used)
            break;
        lists->targets[block] = gather_target(used);
        used += place_len(place);
        g->first = block < g->first ? block : g->first;
        g->last = block > g->last ? block : g->last;
    }
    g->batch_end = position;
    g->next = lists->free;
}

/* Reads the blocks that have targets, all of which are within g->first and g->last. */
static int read_wanted(struct gather *g, struct lcap_error *error)
{
    const uint64_t end = (uint64_t)g->last + 1;
    for (uint64_t first = g->first; first < end; first += PART_BLOCKS) {
        struct gather_part *part = pipeline_blank(g->pipeline);
        part->first = (uint32_t)first;
        part->end = (uint32_t)(end - first < PART_BLOCKS ? end : first + PART_BLOCKS);
        pipeline_submit(g->pipeline);
    }
    pipeline_finish(g->pipeline);
    return lcap_error_copy(error, &g->failure);
}

static int read_batch(struct gather *g, struct lcap_error *error)
{
    plan_batch(g);
    return read_wanted(g, error);
}

int gather_next(struct gather *g, const uint8_t **data, uint32_t *len, struct lcap_error *error)
{
    const struct slab_lists *lists = &g->source.lists;
    if (g->position == g->source.slab->count)
        return 0;
    const int rc = g->position == g->batch_end ? read_batch(g, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    if (g->batch_end - g->position > GATHER_PREFETCH)
        __builtin_prefetch(&lists->places[lists->order[g->position + GATHER_PREFETCH]]);
    const uint64_t place = lists->places[lists->order[g->position++]];
    if (is_in_file(place)) {
        *data = g->next;
        *len = place_len(place);
        g->next += *len;
    } else {
        *data = slab_block_at(g->source.slab, place, len);
    }
    return 1;
}

void gather_release(struct gather *g)
{
    pipeline_free(g->pipeline);
    *g = (struct gather){.position = 0};
}
