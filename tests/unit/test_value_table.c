/* Counts by value and label, exact or of a part of the values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/leaks/field_lookup.h"

enum { VALUES = 20000, LABELS = 3 };

struct count {
    struct value_key key;
    uint64_t packets;
};

/* Far apart, as hashes are. */
static uint64_t value_of(uint32_t i)
{
    return i * UINT64_C(0x9E3779B97F4A7C15);
}

/* Every value i comes i % 5 + 1 times under each label. */
static void fill(struct value_table *table, struct value_memory *memory)
{
    assert_int_equal(value_table_init(table, sizeof(struct count), memory, NULL), 0);
    for (int round = 0; round < 5; round++)
        for (uint32_t i = 0; i < VALUES; i++)
            for (uint32_t label = 0; label < LABELS && round <= (int)(i % 5); label++) {
                void *entry;
                assert_int_equal(value_table_at(table, value_of(i), label, &entry, NULL), 0);
                if (entry)
                    ((struct count *)entry)->packets++;
            }
}

/* The packets of a value, the same under each label; 0 if it is left out. */
static uint64_t count_of(struct value_table *table, uint32_t i)
{
    uint64_t packets[LABELS];
    for (uint32_t label = 0; label < LABELS; label++) {
        void *entry;
        assert_int_equal(value_table_at(table, value_of(i), label, &entry, NULL), 0);
        packets[label] = entry ? ((struct count *)entry)->packets : 0;
        assert_int_equal(packets[label], packets[0]);
    }
    return packets[0];
}

static void all_values(void **state)
{
    (void)state;
    struct value_memory memory = {.limit = UINT64_MAX};
    struct value_table table;
    size_t at = 0, entries = 0;
    fill(&table, &memory);
    assert_true(value_table_share(&table) == 1);
    while (value_table_next(&table, &at))
        entries++;
    assert_int_equal(entries, VALUES * LABELS);
    for (uint32_t i = 0; i < VALUES; i++)
        assert_int_equal(count_of(&table, i), i % 5 + 1);
    value_table_release(&table);
    assert_int_equal(memory.used, 0);
}

/* Two tables leave out the same values, and what they count is exact. */
static void a_part_of_the_values(void **state)
{
    (void)state;
    struct value_memory memories[2] = {{.limit = 200000}, {.limit = 200000}};
    struct value_table tables[2];
    uint32_t counted = 0;
    for (int i = 0; i < 2; i++) {
        fill(&tables[i], &memories[i]);
        assert_true(memories[i].used <= 200000);
    }
    for (uint32_t i = 0; i < VALUES; i++) {
        const uint64_t packets = count_of(&tables[0], i);
        assert_int_equal(packets, count_of(&tables[1], i));
        assert_true(packets == 0 || packets == i % 5 + 1);
        counted += packets > 0;
    }
    const double share = value_table_share(&tables[0]);
    assert_true(share < 1);
    assert_true(counted > 0.8 * share * VALUES && counted < 1.2 * share * VALUES);
    value_table_release(&tables[0]);
    value_table_release(&tables[1]);
}

/* A value with more labels than memory allows is counted, or left out as a whole. */
static void one_value_of_many_labels(void **state)
{
    (void)state;
    struct value_memory memory = {.limit = 1};
    struct value_table table;
    uint32_t entries = 0;
    assert_int_equal(value_table_init(&table, sizeof(struct count), &memory, NULL), 0);
    for (uint32_t label = 0; label < 5000; label++) {
        void *entry;
        assert_int_equal(value_table_at(&table, 0, label, &entry, NULL), 0);
        entries += entry != NULL;
    }
    assert_true(entries < 5000 || value_table_share(&table) < 1);
    value_table_release(&table);
}

static void best_labels(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        uint32_t label, learned, tested;
    } packets[] = {
        {1, 0, 3, 1}, {1, 1, 2, 10}, /* label 0 */
        {2, 1, 2, 4}, {2, 2, 2, 8},  /* equally often: label 2 ranks first */
        {3, 0, 0, 5},                /* not learned */
        {4, 2, 7, 0},                /* not tested */
    };
    static const uint32_t ranks[] = {0, 2, 1};
    struct value_memory memory = {.limit = UINT64_MAX};
    struct field_lookup lookup;
    struct field_score score;
    assert_int_equal(field_lookup_init(&lookup, &memory, NULL), 0);
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
        for (uint32_t k = 0; k < packets[i].learned + packets[i].tested; k++)
            assert_int_equal(field_lookup_add(&lookup,
                                              k < packets[i].learned ? LEAK_LEARN : LEAK_TEST,
                                              packets[i].value, packets[i].label, NULL),
                             0);
    assert_int_equal(field_lookup_score(&lookup, ranks, 3, &score, NULL), 0);
    assert_int_equal(score.packets, 28);
    assert_int_equal(score.scored, 28);
    assert_int_equal(score.correct, 1 + 8);
    assert_int_equal(score.majority, 14);
    assert_true(score.sampled == 1);
    field_lookup_release(&lookup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_values),
        cmocka_unit_test(a_part_of_the_values),
        cmocka_unit_test(one_value_of_many_labels),
        cmocka_unit_test(best_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
