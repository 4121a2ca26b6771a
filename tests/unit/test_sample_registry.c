/* Numbers for samples, and the metadata that each came with first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/sample_registry.h"

static struct sample_registry registry;

static int begin(void **state)
{
    (void)state;
    return sample_registry_init(&registry, NULL);
}

static int end(void **state)
{
    (void)state;
    sample_registry_release(&registry);
    return 0;
}

static int add(uint64_t id, const char *metadata, uint32_t *number)
{
    return sample_registry_add(&registry, id, metadata, strlen(metadata), number, NULL);
}

static void assert_sample(uint32_t number, uint64_t id, const char *metadata)
{
    struct sample sample = sample_registry_get(&registry, number);
    assert_true(sample.id == id);
    assert_true(sample_registry_id(&registry, number) == id);
    assert_string_equal(sample.metadata, metadata);
    assert_int_equal(sample.metadata_len, strlen(metadata));
}

static void numbers_in_order_of_appearance(void **state)
{
    (void)state;
    uint32_t number;
    assert_int_equal(sample_registry_find(&registry, 0), NO_SAMPLE);
    assert_int_equal(add(UINT64_MAX, "web", &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(add(0, "", &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(add(7, "web", &number), 0);
    assert_int_equal(number, 2);
    assert_int_equal(add(0, "", &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(sample_registry_count(&registry), 3);
    assert_sample(0, UINT64_MAX, "web");
    assert_sample(1, 0, "");
    assert_sample(2, 7, "web");
}

/* After a look-up that found nothing, too. */
static void runs_and_changes(void **state)
{
    (void)state;
    static const uint64_t ids[] = {5, 5, 6, 9, 5, 9, 9, 6, 6};
    static const uint32_t numbers[] = {0, 0, 1, NO_SAMPLE, 0, NO_SAMPLE, NO_SAMPLE, 1, 1};
    uint32_t number;
    assert_int_equal(add(5, "a", &number), 0);
    assert_int_equal(add(6, "b", &number), 0);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(sample_registry_find(&registry, ids[i]), numbers[i]);
}

static void the_first_metadata_stays(void **state)
{
    (void)state;
    uint32_t number;
    assert_int_equal(add(5, "a", &number), 0);
    assert_int_equal(add(5, "ab", &number), 1);
    assert_int_equal(add(5, "b", &number), 1);
    assert_int_equal(number, 0);
    assert_int_equal(add(6, "", &number), 0);
    assert_int_equal(add(5, "", &number), 1);
    assert_int_equal(add(5, "a", &number), 0);
    assert_int_equal(number, 0);
    assert_sample(0, 5, "a");
}

static void metadata_of_any_bytes(void **state)
{
    (void)state;
    uint32_t number;
    assert_int_equal(sample_registry_add(&registry, 1, "a\0b", 3, &number, NULL), 0);
    assert_int_equal(sample_registry_add(&registry, 1, "a\0c", 3, &number, NULL), 1);
    assert_int_equal(sample_registry_add(&registry, 1, "a", 1, &number, NULL), 1);
    assert_int_equal(sample_registry_get(&registry, 0).metadata_len, 3);
}

/* 12 bytes a sample in arrays that grow by half, and at most 16 in slots; texts only once. */
static void many_samples(void **state)
{
    (void)state;
    enum { SAMPLES = 200000 };
    uint32_t number;
    char metadata[16];
    for (uint32_t i = 0; i < SAMPLES; i++) {
        snprintf(metadata, sizeof metadata, "label %u", i % 10);
        assert_int_equal(add(i * 0x9E3779B97F4A7C15u, metadata, &number), 0);
        assert_int_equal(number, i);
    }
    assert_int_equal(intern_count(registry.texts), 10);
    assert_true(registry.numbers.capacity <= 4 * (size_t)SAMPLES);
    assert_sample(123456, 123456 * 0x9E3779B97F4A7C15u, "label 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_in_order_of_appearance, begin, end),
        cmocka_unit_test_setup_teardown(runs_and_changes, begin, end),
        cmocka_unit_test_setup_teardown(the_first_metadata_stays, begin, end),
        cmocka_unit_test_setup_teardown(metadata_of_any_bytes, begin, end),
        cmocka_unit_test_setup_teardown(many_samples, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
