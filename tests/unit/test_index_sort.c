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

static int compare_entries(const void *left, const void *right)
{
    const struct index_entry *a = left, *b = right;
    for (int word = 0; word < INDEX_KEY_WORDS; word++) {
        if (a->key[word] != b->key[word])
            return a->key[word] < b->key[word] ? -1 : 1;
    }
    return a->offset < b->offset ? -1 : 1;
}

/* One key of each pattern that has troubled some sort: organ pipes, one entry off a digit, … */
static void patterned_key(uint64_t key[INDEX_KEY_WORDS], size_t i, size_t count, int pattern)
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
    memset(key, 0, INDEX_KEY_WORDS * sizeof *key);
    key[i % 24 / 8] = word;
    if (pattern % 2)
        key[2] = word;
}

static void any_pattern_is_sorted_stably(void **state)
{
    (void)state;
    enum { MOST = 20000 };
    struct index_entry *entries = calloc(MOST, sizeof *entries);
    struct index_entry *scratch = calloc(MOST, sizeof *entries);
    struct index_entry *model = calloc(MOST, sizeof *entries);
    assert_true(entries && scratch && model);
    static const size_t counts[] = {0, 1, 2, 23, 24, 25, 26, 255, 1000, MOST};
    for (int pattern = 0; pattern < 6; pattern++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            for (size_t i = 0; i < counts[c]; i++) {
                patterned_key(entries[i].key, i, counts[c], pattern);
                entries[i].offset = i;
            }
            memcpy(model, entries, counts[c] * sizeof *model);
            qsort(model, counts[c], sizeof *model, compare_entries);
            index_sort(entries, counts[c], scratch);
            assert_memory_equal(entries, model, counts[c] * sizeof *model);
        }
    }
    free(entries);
    free(scratch);
    free(model);
}

static void sorted_input_needs_no_scratch(void **state)
{
    (void)state;
    struct index_entry entries[1000];
    for (uint64_t i = 0; i < 1000; i++)
        entries[i] = (struct index_entry){{1, i / 100, i / 3}, i};
    index_sort(entries, 1000, NULL);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(entries[i].offset, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_pattern_is_sorted_stably),
        cmocka_unit_test(sorted_input_needs_no_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
