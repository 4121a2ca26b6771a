/*
 * A radix sort of index entries in place, from the most significant digit down
 * (McIlroy, Bostic and McIlroy 1993: American flag sort).
 *
 * Each range of entries is scanned once: if it is already in order, it is done;
 * otherwise the highest bits in which its keys differ are the next digit. So sorted
 * input costs one pass, bits that all keys share cost nothing, and input that is
 * ordered by time within few samples is done as soon as the samples are separated.
 */
#include "sort/index_sort.h"

#include <stdbool.h>
#include <string.h>

#define DIGIT_BITS 8
#define DIGITS     (1 << DIGIT_BITS)

/* Below this size, insertion is faster than counting digits. */
#define SMALL_RANGE 24

enum { KEY_RANK, KEY_PRIMARY, KEY_SECONDARY, KEY_ARRIVAL, KEY_WORDS };

/* Entries of the same digit are written one after another: so many later one is needed. */
#define PREFETCH_ENTRIES 4

/*
 * Ranges that wait to be sorted: dividing one leaves at most 255 more than before.
 * A range is divided at most 24 times, because each time settles eight bits of a
 * word of the key (twice 32 and twice 64), or the rest of it.
 */
#define PENDING_MAX (24 * (DIGITS - 1) + 1)

struct range {
    struct index_entry *entries;
    size_t count;
};

struct digit {
    unsigned word;
    unsigned shift;
};

static bool key_less(const struct index_entry *a, const struct index_entry *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->primary != b->primary)
        return a->primary < b->primary;
    if (a->secondary != b->secondary)
        return a->secondary < b->secondary;
    return a->arrival < b->arrival;
}

static void insertion_sort(struct index_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct index_entry moving = entries[i];
        size_t at = i;
        for (; at > 0 && key_less(&moving, &entries[at - 1]); at--)
            entries[at] = entries[at - 1];
        entries[at] = moving;
    }
}

static bool in_order(const struct index_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (key_less(&entries[i], &entries[i - 1]))
            return false;
    }
    return true;
}

/* The highest bits in which the keys, which are not all equal, differ. */
static struct digit leading_digit(const struct index_entry *entries, size_t count)
{
    const struct index_entry *first = entries;
    uint64_t differing[KEY_WORDS] = {0};
    for (size_t i = 1; i < count; i++) {
        differing[KEY_RANK] |= entries[i].rank ^ first->rank;
        differing[KEY_PRIMARY] |= entries[i].primary ^ first->primary;
        differing[KEY_SECONDARY] |= entries[i].secondary ^ first->secondary;
        differing[KEY_ARRIVAL] |= entries[i].arrival ^ first->arrival;
    }
    unsigned word = 0;
    while (word < KEY_WORDS - 1 && differing[word] == 0)
        word++;
    unsigned bits = 64 - (unsigned)__builtin_clzll(differing[word]);
    return (struct digit){word, bits > DIGIT_BITS ? bits - DIGIT_BITS : 0};
}

static uint64_t key_word(const struct index_entry *entry, unsigned word)
{
    switch (word) {
    case KEY_RANK:
        return entry->rank;
    case KEY_PRIMARY:
        return entry->primary;
    case KEY_SECONDARY:
        return entry->secondary;
    default:
        return entry->arrival;
    }
}

static unsigned digit_of(const struct index_entry *entry, struct digit digit)
{
    return key_word(entry, digit.word) >> digit.shift & (DIGITS - 1);
}

/* starts[d] is where digit d will begin. */
static void find_starts(const struct index_entry *entries, size_t count, struct digit digit,
                        size_t starts[DIGITS + 1])
{
    size_t counts[DIGITS] = {0};
    for (size_t i = 0; i < count; i++)
        counts[digit_of(&entries[i], digit)]++;
    starts[0] = 0;
    for (unsigned d = 0; d < DIGITS; d++)
        starts[d + 1] = starts[d] + counts[d];
}

/* Orders the entries by one digit: what a place held goes to its own place, and so on round. */
static void distribute(struct index_entry *entries, struct digit digit,
                       const size_t starts[DIGITS + 1])
{
    size_t next[DIGITS];
    memcpy(next, starts, sizeof next);
    for (unsigned d = 0; d < DIGITS; d++) {
        while (next[d] < starts[d + 1]) {
            struct index_entry moving = entries[next[d]];
            unsigned to;
            while ((to = digit_of(&moving, digit)) != d) {
                struct index_entry *place = &entries[next[to]++];
                const struct index_entry held = *place;
                __builtin_prefetch(place + PREFETCH_ENTRIES);
                *place = moving;
                moving = held;
            }
            entries[next[d]++] = moving;
        }
    }
}

void index_sort(struct index_entry *entries, size_t count)
{
    struct range pending[PENDING_MAX];
    size_t pending_count = 0;
    pending[pending_count++] = (struct range){entries, count};
    while (pending_count > 0) {
        struct range range = pending[--pending_count];
        if (range.count <= SMALL_RANGE) {
            insertion_sort(range.entries, range.count);
            continue;
        }
        if (in_order(range.entries, range.count))
            continue;
        size_t starts[DIGITS + 1];
        const struct digit digit = leading_digit(range.entries, range.count);
        find_starts(range.entries, range.count, digit, starts);
        distribute(range.entries, digit, starts);
        for (unsigned d = 0; d < DIGITS; d++)
            pending[pending_count++] =
                (struct range){range.entries + starts[d], starts[d + 1] - starts[d]};
    }
}
