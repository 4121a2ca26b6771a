/*
 * Which of several ordered strands comes next: a heap of their numbers, the least first.
 *
 *     least_heap_add(&heap, number) for each; least_heap_order(&heap);
 *     while (heap.count > 0) {
 *         ... take from strand heap.items[0], and advance it ...
 *         least_heap_settle(&heap, whether it has ended);
 *     }
 */
#ifndef BASE_LEAST_HEAP_H
#define BASE_LEAST_HEAP_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether what strand `a` is at comes before that of `b`. */
typedef bool least_heap_order_of(const void *context, uint32_t a, uint32_t b);

struct least_heap {
    uint32_t *items;
    size_t count;
    least_heap_order_of *comes_before;
    const void *context;
};

/* An empty one, for at most `most` strands. */
int least_heap_init(struct least_heap *heap, size_t most, least_heap_order_of *comes_before,
                    const void *context, struct lcap_error *error);

/* Adds a strand, in no order yet. */
void least_heap_add(struct least_heap *heap, uint32_t number);
void least_heap_order(struct least_heap *heap);

/* The first strand has advanced, or ended, and then goes. */
void least_heap_settle(struct least_heap *heap, bool ended);
void least_heap_release(struct least_heap *heap);

#endif
