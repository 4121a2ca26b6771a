/* Distinct strings and their numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/intern.h"

static int new_set(void **state)
{
    return intern_new((struct intern **)state, NULL);
}

static int free_set(void **state)
{
    intern_free(*state);
    return 0;
}

static uint32_t add(struct intern *set, const char *bytes, size_t len)
{
    uint32_t id = INTERN_NONE;
    assert_int_equal(intern_add(set, bytes, len, &id, NULL), 0);
    return id;
}

static void numbers_from_zero(void **state)
{
    assert_int_equal(intern_find(*state, "a", 1), INTERN_NONE);
    assert_int_equal(add(*state, "a", 1), 0);
    assert_int_equal(add(*state, "b", 1), 1);
    assert_int_equal(add(*state, "a", 1), 0);
    assert_int_equal(intern_find(*state, "b", 1), 1);
    assert_int_equal(intern_count(*state), 2);
}

static void any_bytes(void **state)
{
    assert_int_equal(add(*state, "", 0), 0);
    assert_int_equal(add(*state, NULL, 0), 0);
    assert_int_equal(add(*state, "\0", 1), 1);
    assert_int_equal(add(*state, "a\0b", 3), 2);
    assert_int_equal(add(*state, "a\0c", 3), 3);
    assert_int_equal(add(*state, "a", 1), 4);
    size_t len;
    const char *bytes = intern_get(*state, 2, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "a\0b", 4); /* the NUL behind it too */
    assert_string_equal(intern_get(*state, 0, &len), "");
    assert_int_equal(len, 0);
}

/* Pointers given out early stay good, also around strings longer than a chunk. */
static void many_and_long(void **state)
{
    enum { STRINGS = 100000, LONG = 1000000 };
    char text[32];
    size_t len;
    add(*state, "first", 5);
    const char *first = intern_get(*state, 0, &len);
    char *long_text = malloc(LONG);
    assert_non_null(long_text);
    memset(long_text, 'x', LONG);
    for (int i = 1; i < STRINGS; i++) {
        if (i == STRINGS / 2)
            assert_int_equal(add(*state, long_text, LONG), i);
        else
            assert_int_equal(add(*state, text, (size_t)snprintf(text, sizeof text, "s%d", i)), i);
    }
    assert_ptr_equal(intern_get(*state, 0, &len), first);
    assert_string_equal(first, "first");
    assert_memory_equal(intern_get(*state, STRINGS / 2, &len), long_text, LONG);
    assert_int_equal(len, LONG);
    for (int i = 1; i < STRINGS; i++) {
        if (i == STRINGS / 2)
            continue;
        size_t text_len = (size_t)snprintf(text, sizeof text, "s%d", i);
        assert_int_equal(intern_find(*state, text, text_len), i);
        assert_string_equal(intern_get(*state, (uint32_t)i, &len), text);
    }
    free(long_text);
}

static void free_of_nothing(void **state)
{
    (void)state;
    intern_free(NULL);
}

/* More than is kept in memory: the rest is on the disk, and stays where it is. */
static void long_strings(void **state)
{
    (void)state;
    enum { STRINGS = 1200, LEN = 10000 };
    static char text[LEN];
    static const char *kept[STRINGS];
    struct intern *set = NULL;
    uint32_t id;
    assert_int_equal(intern_new(&set, NULL), 0);
    for (uint32_t i = 0; i < STRINGS; i++) {
        memset(text, 'a' + (int)(i % 26), LEN);
        memcpy(text, &i, sizeof i);
        assert_int_equal(intern_add(set, text, LEN, &id, NULL), 0);
        assert_int_equal(id, i);
        kept[i] = intern_get(set, i, NULL);
    }
    for (uint32_t i = STRINGS; i-- > 0;) {
        size_t len;
        memset(text, 'a' + (int)(i % 26), LEN);
        memcpy(text, &i, sizeof i);
        assert_ptr_equal(intern_get(set, i, &len), kept[i]);
        assert_int_equal(len, LEN);
        assert_memory_equal(kept[i], text, LEN);
        assert_int_equal(intern_find(set, text, LEN), i);
    }
    intern_free(set);
}

static void bytewise_order(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } texts[] = {{"b", 1}, {"a\0c", 3}, {"", 0}, {"a", 1}, {"\xff", 1}, {"a\0b", 3}};
    static const uint32_t wanted[] = {2, 3, 5, 1, 0, 4};
    enum { COUNT = sizeof wanted / sizeof *wanted };
    uint32_t *sorted, *places;
    for (size_t i = 0; i < COUNT; i++)
        add(*state, texts[i].bytes, texts[i].len);
    assert_int_equal(intern_order(*state, &sorted, &places, NULL), 0);
    assert_memory_equal(sorted, wanted, sizeof wanted);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(places[wanted[i]], i);
    free(sorted);
    free(places);
}

/* Where there is no place for what does not fit into memory. */
static void no_place_for_long_strings(void **state)
{
    (void)state;
    enum { LEN = 100000 };
    static char text[LEN];
    struct intern *set = NULL;
    struct lcap_error error = {0};
    uint32_t id;
    assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
    assert_int_equal(intern_new(&set, NULL), 0);
    assert_int_equal(intern_add(set, "short", 5, &id, &error), 0);
    assert_int_equal(intern_add(set, text, LEN, &id, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "/nowhere: cannot create a temporary file in it: No such file "
                                    "or directory");
    assert_int_equal(intern_count(set), 1);
    intern_free(set);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_from_zero, new_set, free_set),
        cmocka_unit_test_setup_teardown(any_bytes, new_set, free_set),
        cmocka_unit_test_setup_teardown(many_and_long, new_set, free_set),
        cmocka_unit_test_setup_teardown(bytewise_order, new_set, free_set),
        cmocka_unit_test(free_of_nothing),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(no_place_for_long_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
