/* Structs that begin with their size, of callers that know fewer or more fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sized.h"

struct of_before {
    size_t size;
    uint64_t a;
};

struct of_now {
    size_t size;
    uint64_t a, b;
};

struct of_later {
    size_t size;
    uint64_t a, b, c;
};

static int take(struct of_now *ours, const void *theirs, struct lcap_error *error)
{
    memset(ours, 0xee, sizeof *ours);
    return sized_take(ours, sizeof *ours, theirs, "options", error);
}

static void takes_what_is_there(void **state)
{
    (void)state;
    struct of_now ours;
    const struct of_before before = {sizeof before, 1};
    const struct of_now now = {sizeof now, 1, 2};
    const struct of_later later = {sizeof later, 1, 2, 0};
    assert_int_equal(take(&ours, &before, NULL), LCAP_OK);
    assert_memory_equal(&ours, (&(struct of_now){sizeof ours, 1, 0}), sizeof ours);
    assert_int_equal(take(&ours, &now, NULL), LCAP_OK);
    assert_memory_equal(&ours, &now, sizeof ours);
    assert_int_equal(take(&ours, &later, NULL), LCAP_OK);
    assert_memory_equal(&ours, &now, sizeof ours);
    assert_int_equal(take(&ours, NULL, NULL), LCAP_OK);
    assert_memory_equal(&ours, (&(struct of_now){sizeof ours, 0, 0}), sizeof ours);
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct of_now ours;
    const struct of_later later = {sizeof later, 1, 2, 3};
    assert_int_equal(take(&ours, &later, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "struct options: fields are set that this version of the "
                                    "library does not have");
    static const struct of_now unset[] = {{0, 1, 2}, {7, 1, 2}, {4097, 1, 2}, {SIZE_MAX, 1, 2}};
    for (size_t i = 0; i < sizeof unset / sizeof unset[0]; i++)
        assert_int_equal(take(&ours, &unset[i], NULL), LCAP_ERR_ARGUMENT);
    lcap_error_clear(&error);
    assert_int_equal(take(&ours, &unset[0], &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text,
                        "struct options: expected its size in its first field, found 0");
}

static void gives_as_far_as_it_reaches(void **state)
{
    (void)state;
    const struct of_now ours = {sizeof ours, 1, 2};
    struct of_later later = {sizeof later, 9, 9, 9};
    struct {
        struct of_before before;
        uint64_t behind;
    } pair = {{sizeof pair.before, 9}, 9};
    assert_int_equal(sized_give(&later, &ours, sizeof ours, "place", NULL), LCAP_OK);
    assert_memory_equal(&later, (&(struct of_later){sizeof later, 1, 2, 0}), sizeof later);
    assert_int_equal(sized_give(&pair.before, &ours, sizeof ours, "place", NULL), LCAP_OK);
    assert_int_equal(pair.before.size, sizeof pair.before);
    assert_int_equal(pair.before.a, 1);
    assert_int_equal(pair.behind, 9);
    pair.before.size = 0;
    assert_int_equal(sized_give(&pair.before, &ours, sizeof ours, "place", NULL),
                     LCAP_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_there),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(gives_as_far_as_it_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
