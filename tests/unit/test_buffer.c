/* Growable bytes and checked allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"

static void bytes_and_texts_are_appended(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_int_equal(buffer_append(&buffer, NULL, 0, NULL), 0);
    assert_int_equal(buffer_append(&buffer, "a\0b", 3, NULL), 0);
    assert_int_equal(buffer_append_text(&buffer, "cd", NULL), 0);
    assert_int_equal(buffer_printf(&buffer, NULL, "%d%%", 42), 0);
    assert_int_equal(buffer.len, 8);
    assert_memory_equal(buffer.data, "a\0bcd42%", 8);
    assert_true(buffer.capacity >= buffer.len);

    uint8_t *kept = buffer.data;
    buffer_clear(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_ptr_equal(buffer.data, kept);
    assert_int_equal(buffer_append_text(&buffer, "again", NULL), 0);
    assert_memory_equal(buffer.data, "again", 5);
    buffer_release(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.capacity, 0);
    buffer_release(&buffer);
}

static void long_contents_survive_growth(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buffer_printf(&buffer, NULL, "%06d", i), 0);
    assert_int_equal(buffer.len, 600000);
    for (int i = 0; i < 100000; i += 997)
        assert_int_equal(
            atoi((char[7]){buffer.data[i * 6], buffer.data[i * 6 + 1], buffer.data[i * 6 + 2],
                           buffer.data[i * 6 + 3], buffer.data[i * 6 + 4], buffer.data[i * 6 + 5]}),
            i);
    buffer_release(&buffer);
}

static void reserve_keeps_the_length(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_int_equal(buffer_append_text(&buffer, "xyz", NULL), 0);
    assert_int_equal(buffer_reserve(&buffer, 5000, NULL), 0);
    assert_int_equal(buffer.len, 3);
    assert_true(buffer.capacity >= 5003);
    memset(buffer.data + buffer.len, 1, 5000);
    assert_memory_equal(buffer.data, "xyz", 3);
    buffer_release(&buffer);
}

static void impossible_sizes_leave_the_buffer_whole(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    struct lcap_error error = {0};
    assert_int_equal(buffer_append_text(&buffer, "xyz", NULL), 0);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX, &error), LCAP_ERR_MEMORY);
    assert_string_equal(error.text, "out of memory: a buffer of over 2^64 bytes");
    lcap_error_clear(&error);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX / 2, &error), LCAP_ERR_MEMORY);
    assert_non_null(strstr(error.text, "out of memory: "));
    assert_int_equal(buffer.len, 3);
    assert_memory_equal(buffer.data, "xyz", 3);
    buffer_release(&buffer);
}

static void new_memory_is_zero(void **state)
{
    (void)state;
    uint64_t *items = memory_new(100, sizeof *items, NULL);
    assert_non_null(items);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(items[i], 0);
    free(items);
    items = memory_new(0, sizeof *items, NULL);
    assert_non_null(items);
    free(items);
}

static void products_that_overflow_are_refused(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    volatile size_t huge = SIZE_MAX / 2; /* volatile: the compiler warns of the size it sees */
    assert_null(memory_new(huge, 4, &error));
    assert_int_equal(error.code, LCAP_ERR_MEMORY);
    assert_string_equal(error.text, "out of memory: 9223372036854775807 items of 4 bytes");

    void *items = NULL;
    size_t capacity = 0;
    assert_int_equal(memory_grow(&items, &capacity, 4, 8, NULL), 0);
    void *kept = items;
    lcap_error_clear(&error);
    assert_int_equal(memory_grow(&items, &capacity, SIZE_MAX / 4, 8, &error), LCAP_ERR_MEMORY);
    assert_ptr_equal(items, kept);
    free(items);
}

static void growth_is_by_half(void **state)
{
    (void)state;
    void *items = NULL;
    size_t capacity = 0;
    int moves = 0;
    for (size_t needed = 1; needed <= 1000000; needed++) {
        size_t before = capacity;
        assert_int_equal(memory_grow(&items, &capacity, needed, 1, NULL), 0);
        assert_true(capacity >= needed);
        moves += capacity != before;
    }
    assert_true(moves < 40);
    assert_int_equal(memory_grow(&items, &capacity, 10000000, 1, NULL), 0);
    assert_int_equal(capacity, 10000000);
    free(items);
}

static void copied_text_is_terminated(void **state)
{
    (void)state;
    char *copy = memory_copy_text("abcdef", 3, NULL);
    assert_string_equal(copy, "abc");
    free(copy);
    copy = memory_copy_text(NULL, 0, NULL);
    assert_string_equal(copy, "");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_texts_are_appended),
        cmocka_unit_test(long_contents_survive_growth),
        cmocka_unit_test(reserve_keeps_the_length),
        cmocka_unit_test(impossible_sizes_leave_the_buffer_whole),
        cmocka_unit_test(new_memory_is_zero),
        cmocka_unit_test(products_that_overflow_are_refused),
        cmocka_unit_test(growth_is_by_half),
        cmocka_unit_test(copied_text_is_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
