/* A binary heap. */
#include "base/least_heap.h"

#include "base/memory.h"
#include <stdlib.h>

int least_heap_init(struct least_heap *heap, size_t most, least_heap_order_of *comes_before,
                    const void *context, struct lcap_error *error)
{
    *heap = (struct least_heap){.items = memory_new(most, sizeof *heap->items, error),
                                .comes_before = comes_before,
                                .context = context};
    return heap->items ? LCAP_OK : LCAP_ERR_MEMORY;
}

void least_heap_add(struct least_heap *heap, uint32_t number)
{
    heap->items[heap->count++] = number;
}

static bool comes_before(const struct least_heap *heap, size_t a, size_t b)
{
    return heap->comes_before(heap->context, heap->items[a], heap->items[b]);
}

static void sift_down(struct least_heap *heap, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && comes_before(heap, child + 1, child))
            child++;
        if (!comes_before(heap, child, at))
            return;
        const uint32_t moved = heap->items[at];
        heap->items[at] = heap->items[child];
        heap->items[child] = moved;
    }
}

void least_heap_order(struct least_heap *heap)
{
    for (size_t i = heap->count / 2; i-- > 0;)
        sift_down(heap, i);
}

void least_heap_settle(struct least_heap *heap, bool ended)
{
    if (ended)
        heap->items[0] = heap->items[--heap->count];
    sift_down(heap, 0);
}

void least_heap_release(struct least_heap *heap)
{
    free(heap->items);
}
