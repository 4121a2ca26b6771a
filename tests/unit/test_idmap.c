/* The map from sampleIDs to numbers, against what a sorted array would say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/idmap.h"

#define KEYS 200000

/* A bijection of 64 bits, so that all keys differ. */
static uint64_t scattered(uint64_t i)
{
    return (i ^ i >> 31) * 0x9E3779B97F4A7C15u;
}

static uint64_t counted(uint64_t i)
{
    return i;
}

/* Only the upper bits differ: a weak hash would put all into one slot. */
static uint64_t high(uint64_t i)
{
    return i << 44;
}

static void keeps_all(uint64_t (*key)(uint64_t))
{
    struct idmap map = {0};
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(idmap_get(&map, key(i)), IDMAP_NONE);
        assert_int_equal(idmap_put(&map, key(i), i, NULL), 0);
    }
    assert_int_equal(map.count, KEYS);
    assert_true(map.capacity <= 4 * (size_t)KEYS);
    for (uint32_t i = 0; i < KEYS; i++)
        assert_int_equal(idmap_get(&map, key(i)), i);
    for (uint32_t i = KEYS; i < KEYS + 1000; i++)
        assert_int_equal(idmap_get(&map, key(i)), IDMAP_NONE);
    idmap_release(&map);
}

static void any_keys(void **state)
{
    (void)state;
    keeps_all(scattered);
    keeps_all(counted);
    keeps_all(high);
}

static void empty_map(void **state)
{
    (void)state;
    struct idmap map = {0};
    assert_int_equal(idmap_get(&map, 0), IDMAP_NONE);
    idmap_release(&map);
}

static void put_again_replaces(void **state)
{
    (void)state;
    struct idmap map = {0};
    assert_int_equal(idmap_put(&map, 0, 1, NULL), 0);
    assert_int_equal(idmap_put(&map, UINT64_MAX, 2, NULL), 0);
    assert_int_equal(idmap_put(&map, 0, 3, NULL), 0);
    assert_int_equal(map.count, 2);
    assert_int_equal(idmap_get(&map, 0), 3);
    assert_int_equal(idmap_get(&map, UINT64_MAX), 2);
    idmap_release(&map);
    assert_int_equal(map.count, 0);
    assert_int_equal(idmap_get(&map, 0), IDMAP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_keys),
        cmocka_unit_test(empty_map),
        cmocka_unit_test(put_again_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
