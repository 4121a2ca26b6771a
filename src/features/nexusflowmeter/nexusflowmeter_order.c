/*
 * pandas sorts in descending order by reversing the column, sorting it in ascending
 * order, and reversing the result; the sort of numpy that it uses is an introsort
 * (David Musser, "Introspective Sorting and Selection Algorithms", 1997). The order
 * of equal items depends on every step of it, so the steps here are the same.
 */
#include "features/nexusflowmeter/nexusflowmeter_order.h"

#include <stdbool.h>

/* Runs of at most this many items are sorted by insertion. */
enum { FEW = 16 };

/* The larger part waits, so the current part is less than half of the previous one. */
enum { MAX_PARTS = 64 };

struct part {
    struct nexus_sized *first, *last;
    int depth; /* how often it may still be split */
};

static bool less(const struct nexus_sized *a, const struct nexus_sized *b)
{
    return a->bytes < b->bytes;
}

static void swap(struct nexus_sized *a, struct nexus_sized *b)
{
    const struct nexus_sized item = *a;
    *a = *b;
    *b = item;
}

static void turn_round(struct nexus_sized *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        swap(&items[i], &items[count - 1 - i]);
}

static void insertion(struct nexus_sized *first, struct nexus_sized *last)
{
    for (struct nexus_sized *next = first + 1; next <= last; next++) {
        const struct nexus_sized item = *next;
        struct nexus_sized *hole = next;
        for (; hole > first && less(&item, hole - 1); hole--)
            *hole = hole[-1];
        *hole = item;
    }
}

/* Sinks `item` into the heap of `count` items from place `at` on; places count from 1. */
static void sink(struct nexus_sized *items, size_t count, size_t at, struct nexus_sized item)
{
    struct nexus_sized *heap = items - 1;
    for (size_t child = 2 * at; child <= count; child = 2 * at) {
        if (child < count && less(&heap[child], &heap[child + 1]))
            child++;
        if (!less(&item, &heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static void heap_sort(struct nexus_sized *items, size_t count)
{
    for (size_t at = count / 2; at > 0; at--)
        sink(items, count, at, items[at - 1]);
    while (count > 1) {
        const struct nexus_sized item = items[--count];
        items[count] = items[0];
        sink(items, count, 1, item);
    }
}

/* The final place of the median of first, middle and last: smaller items before it, larger ones
 * after it. */
static struct nexus_sized *divide(const struct part *part)
{
    struct nexus_sized *first = part->first, *last = part->last;
    struct nexus_sized *middle = first + (last - first) / 2;
    if (less(middle, first))
        swap(middle, first);
    if (less(last, middle))
        swap(last, middle);
    if (less(middle, first))
        swap(middle, first);
    const struct nexus_sized pivot = *middle;
    struct nexus_sized *up = first, *down = last - 1;
    swap(middle, down);
    for (;;) {
        do
            up++;
        while (less(up, &pivot));
        do
            down--;
        while (less(&pivot, down));
        if (up >= down)
            break;
        swap(up, down);
    }
    swap(up, last - 1);
    return up;
}

/* Splits until few items are left, and sorts them; the larger parts go to `waiting`. */
static size_t sort_part(struct part part, struct part waiting[MAX_PARTS], size_t count)
{
    if (part.depth < 0) {
        heap_sort(part.first, (size_t)(part.last - part.first) + 1);
        return count;
    }
    while (part.last - part.first >= FEW) {
        struct nexus_sized *pivot = divide(&part);
        struct part larger = part;
        if (pivot - part.first < part.last - pivot) {
            larger.first = pivot + 1;
            part.last = pivot - 1;
        } else {
            larger.last = pivot - 1;
            part.first = pivot + 1;
        }
        larger.depth = --part.depth;
        waiting[count++] = larger;
    }
    insertion(part.first, part.last);
    return count;
}

void nexus_order_by_size(struct nexus_sized *items, size_t count)
{
    if (count < 2)
        return;
    struct part waiting[MAX_PARTS];
    size_t parts = 0;
    const int depth = 2 * (63 - __builtin_clzll(count));
    turn_round(items, count);
    waiting[parts++] = (struct part){items, items + count - 1, depth};
    while (parts > 0) {
        parts--;
        parts = sort_part(waiting[parts], waiting, parts);
    }
    turn_round(items, count);
}
