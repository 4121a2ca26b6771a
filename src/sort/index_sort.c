/*
 * A stable radix sort of index entries from the most significant digit down.
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

/*
 * Ranges that wait to be sorted: dividing one leaves at most 255 more than before.
 * A range is divided at most 24 times, because each time settles eight bits of a
 * word of the key, or the rest of it.
 */
#define PENDING_MAX (INDEX_KEY_WORDS * 64 / DIGIT_BITS * (DIGITS - 1) + 1)

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
    if (a->key[0] != b->key[0])
        return a->key[0] < b->key[0];
    if (a->key[1] != b->key[1])
        return a->key[1] < b->key[1];
    return a->key[2] < b->key[2];
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
    uint64_t differing[INDEX_KEY_WORDS] = {0};
    for (size_t i = 1; i < count; i++) {
        for (unsigned word = 0; word < INDEX_KEY_WORDS; word++)
            differing[word] |= entries[i].key[word] ^ entries[0].key[word];
    }
    unsigned word = 0;
    while (word < INDEX_KEY_WORDS - 1 && differing[word] == 0)
        word++;
    unsigned bits = 64 - (unsigned)__builtin_clzll(differing[word]);
    return (struct digit){word, bits > DIGIT_BITS ? bits - DIGIT_BITS : 0};
}

static unsigned digit_of(const struct index_entry *entry, struct digit digit)
{
    return entry->key[digit.word] >> digit.shift & (DIGITS - 1);
}

/* Orders the entries by one digit; starts[d] is where digit d begins. */
static void distribute(struct index_entry *entries, size_t count, struct index_entry *scratch,
                       struct digit digit, size_t starts[DIGITS + 1])
{
    size_t next[DIGITS] = {0};
    for (size_t i = 0; i < count; i++)
        next[digit_of(&entries[i], digit)]++;
    size_t sum = 0;
    for (unsigned d = 0; d < DIGITS; d++) {
        starts[d] = sum;
        sum += next[d];
        next[d] = starts[d];
    }
    starts[DIGITS] = sum;
    for (size_t i = 0; i < count; i++)
        scratch[next[digit_of(&entries[i], digit)]++] = entries[i];
    memcpy(entries, scratch, count * sizeof *entries);
}

void index_sort(struct index_entry *entries, size_t count, struct index_entry *scratch)
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
        distribute(range.entries, range.count, scratch, leading_digit(range.entries, range.count),
                   starts);
        for (unsigned d = 0; d < DIGITS; d++)
            pending[pending_count++] =
                (struct range){range.entries + starts[d], starts[d + 1] - starts[d]};
    }
}
