/* One mapping that holds blocks and the index that orders them. */
#include "sort/slab.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Records are visited in the order of the index, which is random in memory: each
 * one is prefetched into the cache while earlier ones are being used. Distance and
 * length were measured with records of 384 bytes.
 */
#define PREFETCH_RECORDS 16
#define PREFETCH_BYTES   384
#define CACHE_LINE       64

static struct index_entry *index_of(const struct slab *slab)
{
    return (struct index_entry *)(void *)slab->memory;
}

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
    /* Records are accessed in random order: huge pages save a walk of the page table for each. */
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
    slab->records_start = slab->size;
}

void slab_commit(struct slab *slab, struct sort_key key, uint32_t len)
{
    uint8_t *end = slab->memory + slab->records_start;
    if (len < slab->reserved)
        memmove(end - len, end - slab->reserved, len);
    struct record_header header = record_header_make(key, len);
    slab->records_start -= sizeof header + len;
    memcpy(slab->memory + slab->records_start, &header, sizeof header);
    index_of(slab)[slab->count++] = (struct index_entry){
        /* With its sign bit inverted, a signed number compares as an unsigned one. */
        .key = {key.rank, key.primary, (uint64_t)key.secondary ^ UINT64_C(1) << 63},
        .offset = slab->records_start,
    };
}

void slab_sort(struct slab *slab)
{
    struct index_entry *entries = index_of(slab);
    index_sort(entries, slab->count, entries + slab->count);
}

const uint8_t *slab_record(const struct slab *slab, size_t position)
{
    const struct index_entry *entries = index_of(slab);
    if (slab->count - position > PREFETCH_RECORDS) {
        const uint8_t *ahead = slab->memory + entries[position + PREFETCH_RECORDS].offset;
        for (size_t i = 0; i < PREFETCH_BYTES; i += CACHE_LINE)
            __builtin_prefetch(ahead + i);
    }
    return slab->memory + entries[position].offset;
}
