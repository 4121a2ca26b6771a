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

#include "base/pipeline.h"
#include <stdbool.h>
#include <string.h>

#define DIGIT_BITS 8
#define DIGITS     (1 << DIGIT_BITS)

/* Below this size, insertion is faster than counting digits. */
#define SMALL_RANGE 24

/* Below this one, counting so many digits takes longer than dividing twice. */
#define FEW_ENTRIES    512
#define FEW_DIGIT_BITS 4

/* What a thread sorts at once: not so little that handing it over counts, and, of so many for each
 * thread, not so much that others wait for it. */
#define SHARE_LEAST  ((size_t)4 << 10)
#define SHARES_EACH  16
#define THREADS_MOST 4u

enum { KEY_RANK, KEY_PRIMARY, KEY_SECONDARY, KEY_ARRIVAL, KEY_WORDS };

/* Entries of the same digit are written one after another: so many later one is needed. */
#define PREFETCH_ENTRIES 4

/*
 * Ranges that wait to be sorted: dividing one leaves at most 255 more than before.
 * A range is divided at most 24 times, because each time settles eight bits of a
 * word of the key (twice 32 and twice 64), or the rest of it. Dividing one twice by half
 * as many bits leaves fewer.
 */
#define PENDING_MAX (24 * (DIGITS - 1) + 1)

struct range {
    struct index_entry *entries;
    size_t count;
};

struct digit {
    unsigned word;
    unsigned shift;
    unsigned values; /* so many, at most */
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
    const unsigned used = count < FEW_ENTRIES ? FEW_DIGIT_BITS : DIGIT_BITS;
    return (struct digit){word, bits > used ? bits - used : 0, 1u << used};
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
    return key_word(entry, digit.word) >> digit.shift & (digit.values - 1);
}

/* starts[d] is where digit d will begin. */
static void find_starts(const struct index_entry *entries, size_t count, struct digit digit,
                        size_t starts[DIGITS + 1])
{
    size_t counts[DIGITS];
    memset(counts, 0, digit.values * sizeof *counts);
    for (size_t i = 0; i < count; i++)
        counts[digit_of(&entries[i], digit)]++;
    starts[0] = 0;
    for (unsigned d = 0; d < digit.values; d++)
        starts[d + 1] = starts[d] + counts[d];
}

/* Orders the entries by one digit: what a place held goes to its own place, and so on round. */
static void distribute(struct index_entry *entries, struct digit digit,
                       const size_t starts[DIGITS + 1])
{
    size_t next[DIGITS];
    memcpy(next, starts, digit.values * sizeof *next);
    for (unsigned d = 0; d < digit.values; d++) {
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

/* Returns the end of what it adds to `pending`. */
static struct range *divide(struct range range, struct range *pending)
{
    size_t starts[DIGITS + 1];
    const struct digit digit = leading_digit(range.entries, range.count);
    find_starts(range.entries, range.count, digit, starts);
    distribute(range.entries, digit, starts);
    for (unsigned d = 0; d < digit.values; d++)
        *pending++ = (struct range){range.entries + starts[d], starts[d + 1] - starts[d]};
    return pending;
}

/* Divides ranges that are not in order until they have `small` entries, which `finish` sorts. */
static void sort_range(struct range all, size_t small,
                       void (*finish)(void *context, struct range range), void *context)
{
    struct range pending[PENDING_MAX], *end = pending;
    *end++ = all;
    while (end > pending) {
        const struct range range = *--end;
        if (range.count <= small)
            finish(context, range);
        else if (!in_order(range.entries, range.count))
            end = divide(range, end);
    }
}

static void sort_small(void *context, struct range range)
{
    (void)context;
    insertion_sort(range.entries, range.count);
}

static void sort_share(void *context, void *range)
{
    sort_range(*(const struct range *)range, SMALL_RANGE, sort_small, context);
}

static void submit_share(void *pipeline, struct range range)
{
    if (range.count == 0)
        return;
    *(struct range *)pipeline_blank(pipeline) = range;
    pipeline_submit(pipeline);
}

static void end_share(void *context, void *range)
{
    (void)context;
    (void)range;
}

void index_sort(struct index_entry *entries, size_t count, unsigned threads)
{
    const struct range all = {entries, count};
    const struct pipeline_plan plan = {
        .buffer_size = sizeof all,
        .threads = threads < THREADS_MOST ? threads : THREADS_MOST,
        .work = sort_share,
        .last = end_share,
    };
    const size_t share = plan.threads > 1 ? count / (SHARES_EACH * plan.threads) : 0;
    struct pipeline *pipeline = NULL;
    if (share < SHARE_LEAST || pipeline_new(&pipeline, &plan, NULL) < 0) {
        sort_range(all, SMALL_RANGE, sort_small, NULL);
        return;
    }
    sort_range(all, share, submit_share, pipeline);
    pipeline_finish(pipeline);
    pipeline_free(pipeline);
}
