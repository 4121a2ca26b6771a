/* One mapping that holds blocks and the index that orders them. */
#include "sort/slab.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Blocks are visited in the order of the index, which is random in memory: each
 * one is prefetched into the cache while earlier ones are being used. Distance and
 * length were measured with blocks of 384 bytes.
 */
#define PREFETCH_BLOCKS 16
#define PREFETCH_BYTES  384
#define CACHE_LINE      64

int slab_init(struct slab *slab, size_t size, struct lcap_error *error)
{
    *slab = (struct slab){0};
    return slab_enlarge(slab, size, error);
}

int slab_enlarge(struct slab *slab, size_t size, struct lcap_error *error)
{
    /* MAP_NORESERVE: a generous limit must not fail if little of it is used. */
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: %zu bytes for sorting", size);
    /* Blocks are accessed in random order: huge pages save a walk of the page table for each. */
    (void)madvise(memory, size, MADV_HUGEPAGE);
    slab_release(slab);
    slab->memory = memory;
    slab->size = size;
    slab_clear(slab);
    return LCAP_OK;
}

void slab_release(struct slab *slab)
{
    if (slab->memory)
        munmap(slab->memory, slab->size);
    *slab = (struct slab){0};
}

void slab_clear(struct slab *slab)
{
    slab->count = 0;
    slab->blocks_start = slab->size;
}

static void add_entry(struct slab *slab, struct sort_key key, uint64_t place)
{
    slab_index(slab)[slab->count] = (struct index_entry){
        .place = place,
        .arrival = (uint32_t)slab->count,
        .rank = key.rank,
        .primary = key.primary,
        /* With its sign bit inverted, a signed number compares as an unsigned one. */
        .secondary = (uint64_t)key.secondary ^ UINT64_C(1) << 63,
    };
    slab->count++;
}

void slab_commit(struct slab *slab, struct sort_key key, uint32_t len)
{
    uint8_t *end = slab->memory + slab->blocks_start;
    if (len < slab->reserved)
        memmove(end - len, end - slab->reserved, len);
    slab->blocks_start -= sizeof len + len;
    memcpy(slab->memory + slab->blocks_start, &len, sizeof len);
    add_entry(slab, key, slab->blocks_start);
}

void slab_refer(struct slab *slab, struct sort_key key, uint64_t place)
{
    add_entry(slab, key, place);
}

void slab_sort(struct slab *slab, unsigned threads)
{
    index_sort(slab_index(slab), slab->count, threads);
}

const uint8_t *slab_block_at(const struct slab *slab, uint64_t place, uint32_t *len)
{
    const uint8_t *at = slab->memory + place;
    memcpy(len, at, sizeof *len);
    return at + sizeof *len;
}

struct sort_key index_key(const struct index_entry *entry)
{
    return (struct sort_key){entry->rank, entry->primary,
                             (int64_t)(entry->secondary ^ UINT64_C(1) << 63)};
}

struct sort_key slab_key(const struct slab *slab, size_t position)
{
    return index_key(slab_index(slab) + position);
}

struct sorted_block slab_block(const struct slab *slab, size_t position)
{
    const struct index_entry *entry = slab_index(slab) + position;
    struct sorted_block block = {.key = slab_key(slab, position)};
    if (slab->count - position > PREFETCH_BLOCKS) {
        const uint8_t *ahead = slab->memory + entry[PREFETCH_BLOCKS].place;
        for (size_t i = 0; i < PREFETCH_BYTES; i += CACHE_LINE)
            __builtin_prefetch(ahead + i);
    }
    block.data = slab_block_at(slab, entry->place, &block.len);
    return block;
}

static struct slab_lists lists_at(const struct slab *slab, uint8_t *at)
{
    uint64_t *places = (uint64_t *)(void *)at;
    uint32_t *order = (uint32_t *)(void *)(places + slab->count);
    uint8_t *end = at + slab->count * SLAB_LISTED;
    return (struct slab_lists){places, order, order + slab->count, end,
                               slab->blocks_start - (size_t)(end - slab->memory)};
}

void slab_make_lists(const struct slab *slab, bool keep_index, struct slab_lists *lists)
{
    const struct index_entry *entries = slab_index(slab);
    *lists = lists_at(slab, slab->memory + slab->count * sizeof *entries);
    for (size_t i = 0; i < slab->count; i++) {
        lists->places[entries[i].arrival] = entries[i].place;
        lists->order[i] = entries[i].arrival;
    }
    if (!keep_index) {
        memmove(slab->memory, lists->places, slab->count * SLAB_LISTED);
        *lists = lists_at(slab, slab->memory);
    }
    memset(lists->targets, 0, slab->count * sizeof *lists->targets);
}
