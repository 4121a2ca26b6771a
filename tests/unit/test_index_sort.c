/* The sort of the index against qsort(), on patterns that have troubled other sorts. */
#include "sort/index_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* xorshift64* (Marsaglia 2003, Vigna 2016): the same numbers in every run. */
static uint64_t random_number(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static int compare_words(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_entries(const void *left, const void *right)
{
    const struct index_entry *a = left, *b = right;
    int order = compare_words(a->rank, b->rank);
    if (order == 0)
        order = compare_words(a->primary, b->primary);
    if (order == 0)
        order = compare_words(a->secondary, b->secondary);
    return order ? order : compare_words(a->arrival, b->arrival);
}

/* One key of each pattern that has troubled some sort: organ pipes, one entry off a digit, … */
static struct index_entry patterned_entry(size_t i, size_t count, int pattern)
{
    uint64_t word = 0;
    switch (pattern) {
    case 0:
        word = random_number();
        break;
    case 1:
        word = count - i;
        break;
    case 2:
        word = i < count / 2 ? i : count - i;
        break;
    case 3:
        word = i < 24 ? UINT64_C(1) << (i % 8 * 8) : 0;
        break;
    case 4:
        word = UINT64_C(1) << random_number() % 64;
        break;
    default:
        word = i == count - 1 ? 0 : i;
    }
    uint64_t key[3] = {0};
    key[i % 24 / 8] = word;
    if (pattern % 2)
        key[2] = word;
    return (struct index_entry){.place = ~(uint64_t)i,
                                .arrival = (uint32_t)i,
                                .rank = (uint32_t)(key[0] >> 32 ^ key[0]),
                                .primary = key[1],
                                .secondary = key[2]};
}

static void any_pattern_is_sorted_stably(void **state)
{
    (void)state;
    enum { MOST = 150000, THREADS = 2 };
    struct index_entry *entries = calloc(MOST, sizeof *entries);
    struct index_entry *model = calloc(MOST, sizeof *entries);
    assert_true(entries && model);
    static const size_t counts[] = {0, 1, 2, 23, 24, 25, 26, 255, 1000, 20000, MOST};
    for (int pattern = 0; pattern < 6; pattern++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            for (size_t i = 0; i < counts[c]; i++)
                entries[i] = patterned_entry(i, counts[c], pattern);
            memcpy(model, entries, counts[c] * sizeof *model);
            qsort(model, counts[c], sizeof *model, compare_entries);
            index_sort(entries, counts[c], THREADS);
            assert_memory_equal(entries, model, counts[c] * sizeof *model);
        }
    }
    free(entries);
    free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_pattern_is_sorted_stably),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
