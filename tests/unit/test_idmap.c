/* Numbers for IDs: in the order in which they are added, each once. */
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
    uint32_t number;
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(idmap_find(&map, key(i)), IDMAP_NONE);
        assert_int_equal(idmap_add(&map, key(i), &number, NULL), 0);
        assert_int_equal(number, i);
    }
    assert_int_equal(map.count, KEYS);
    assert_true(map.capacity <= 4 * (size_t)KEYS);
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(idmap_find(&map, key(i)), i);
        assert_true(map.ids[i] == key(i));
    }
    for (uint32_t i = KEYS; i < KEYS + 1000; i++)
        assert_int_equal(idmap_find(&map, key(i)), IDMAP_NONE);
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
    assert_int_equal(idmap_find(&map, 0), IDMAP_NONE);
    idmap_release(&map);
}

static void the_same_again(void **state)
{
    (void)state;
    static const uint64_t ids[] = {0, UINT64_MAX, 0, 7, UINT64_MAX};
    static const uint32_t numbers[] = {0, 1, 0, 2, 1};
    struct idmap map = {0};
    for (size_t i = 0; i < 5; i++) {
        uint32_t number;
        assert_int_equal(idmap_add(&map, ids[i], &number, NULL), 0);
        assert_int_equal(number, numbers[i]);
    }
    assert_int_equal(map.count, 3);
    idmap_release(&map);
    assert_int_equal(map.count, 0);
    assert_int_equal(idmap_find(&map, 0), IDMAP_NONE);
}

/* IDs that met in the same slots are all found again, and none of those before. */
static void cleared(void **state)
{
    (void)state;
    struct idmap map = {0};
    uint32_t number;
    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 1000; i++) {
            assert_int_equal(idmap_add(&map, i * 3 + round, &number, NULL), LCAP_OK);
            assert_int_equal(number, i);
        }
        idmap_clear(&map);
        for (uint64_t i = 0; i < 3000; i++)
            assert_int_equal(idmap_find(&map, i + round), IDMAP_NONE);
    }
    idmap_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_keys),
        cmocka_unit_test(empty_map),
        cmocka_unit_test(the_same_again),
        cmocka_unit_test(cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
