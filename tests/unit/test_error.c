/* The error struct: the first error wins, context goes in front, long texts are cut. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/findings.h"
#include "base/thread.h"
#include <labelcap/error.h>

static void set_records_code_and_text(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    assert_int_equal(lcap_error_set(&error, LCAP_ERR_RULES, "%s:%d: bad", "r.csv", 7),
                     LCAP_ERR_RULES);
    assert_int_equal(error.code, LCAP_ERR_RULES);
    assert_string_equal(error.text, "r.csv:7: bad");
}

static void first_error_wins(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_DAMAGED, "cause");
    assert_int_equal(lcap_error_set(&error, LCAP_ERR_IO, "clean-up failed"), LCAP_ERR_IO);
    assert_int_equal(lcap_error_set_errno(&error, EIO, "close"), LCAP_ERR_IO);
    assert_int_equal(error.code, LCAP_ERR_DAMAGED);
    assert_string_equal(error.text, "cause");
}

static void clear_makes_room_for_the_next(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_IO, "one");
    lcap_error_clear(&error);
    assert_int_equal(error.code, LCAP_OK);
    assert_string_equal(error.text, "");
    lcap_error_set(&error, LCAP_ERR_LABEL, "two");
    assert_string_equal(error.text, "two");
}

static void errno_text_comes_last(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    assert_int_equal(lcap_error_set_errno(&error, ENOENT, "%s: cannot open", "x.pcap"),
                     LCAP_ERR_IO);
    assert_string_equal(error.text, "x.pcap: cannot open: No such file or directory");
}

static void no_memory_has_its_own_code(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    assert_int_equal(lcap_error_set_errno(&error, ENOMEM, "map"), LCAP_ERR_MEMORY);
    assert_int_equal(error.code, LCAP_ERR_MEMORY);
}

static void prefix_goes_in_front_and_keeps_the_code(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_FORMAT, "unknown magic");
    assert_int_equal(lcap_error_prefix(&error, "%s: ", "a.pcap"), LCAP_ERR_FORMAT);
    assert_int_equal(lcap_error_prefix(&error, "label: "), LCAP_ERR_FORMAT);
    assert_string_equal(error.text, "label: a.pcap: unknown magic");
}

static void prefix_alone_is_no_error(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    assert_int_equal(lcap_error_prefix(&error, "a.pcap: "), LCAP_OK);
    assert_string_equal(error.text, "");
}

static void null_struct_keeps_failures_failures(void **state)
{
    (void)state;
    assert_int_equal(lcap_error_set(NULL, LCAP_ERR_LABEL, "x"), LCAP_ERR_LABEL);
    assert_int_equal(lcap_error_set_errno(NULL, EIO, "x"), LCAP_ERR_IO);
    assert_true(lcap_error_prefix(NULL, "x") < 0);
    lcap_error_clear(NULL);
}

/* Texts of every length around the limit end in a NUL, and the front is what stays. */
static void long_texts_are_cut_at_the_end(void **state)
{
    (void)state;
    char text[LCAP_ERROR_TEXT + 8];
    for (size_t len = LCAP_ERROR_TEXT - 4; len < sizeof text - 1; len++) {
        struct lcap_error error = {0};
        size_t kept = len < LCAP_ERROR_TEXT - 1 ? len : LCAP_ERROR_TEXT - 1;
        memset(text, 'x', len);
        text[len] = '\0';
        lcap_error_set_errno(&error, EACCES, "%s", text);
        assert_memory_equal(error.text, text, kept);
        assert_true(strlen(error.text) <= LCAP_ERROR_TEXT - 1);
        lcap_error_prefix(&error, "front: ");
        assert_int_equal(strlen(error.text), LCAP_ERROR_TEXT - 1);
        assert_memory_equal(error.text, "front: xxx", 10);
        lcap_error_prefix(&error, "%s", text);
        assert_memory_equal(error.text, text, kept);
    }
}

static bool shout(const char *said, char *words, size_t size)
{
    return snprintf(words, size, "%s!", said) < (int)size;
}

static void *go_wrong(void *error)
{
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s fails", "it");
    return NULL;
}

static void assert_says(int failure, pthread_t thread, const struct lcap_error *error,
                        const char *text)
{
    assert_int_equal(failure, 0);
    pthread_join(thread, NULL);
    assert_string_equal(error->text, text);
}

LCAP_PRINTF(2, 3)
static int say(struct findings *findings, const char *format, ...)
{
    const struct lcap_finding finding = {.count = 1};
    va_list args;
    va_start(args, format);
    const int rc = findings_say(findings, &finding, NULL, format, args);
    va_end(args);
    return rc;
}

static void wording_is_of_a_thread_and_those_that_it_starts(void **state)
{
    (void)state;
    struct lcap_error here = {0}, of_ours = {0}, of_another = {0};
    struct findings findings = {0};
    pthread_t ours, another;
    lcap_error_use_wording(shout);
    go_wrong(&here);
    int failure = thread_start(&ours, go_wrong, &of_ours, NULL);
    assert_says(failure, ours, &of_ours, "it fails!");
    failure = pthread_create(&another, NULL, go_wrong, &of_another);
    assert_says(failure, another, &of_another, "it fails");
    assert_string_equal(here.text, "it fails!");
    assert_int_equal(say(&findings, "%d is odd", 3), LCAP_OK);
    lcap_error_use_wording(NULL);
    assert_int_equal(say(&findings, "%d is odd", 5), LCAP_OK);
    assert_string_equal(findings_get(&findings, 0)->text, "3 is odd!");
    assert_string_equal(findings_get(&findings, 1)->text, "5 is odd");
    findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_records_code_and_text),
        cmocka_unit_test(first_error_wins),
        cmocka_unit_test(clear_makes_room_for_the_next),
        cmocka_unit_test(errno_text_comes_last),
        cmocka_unit_test(no_memory_has_its_own_code),
        cmocka_unit_test(prefix_goes_in_front_and_keeps_the_code),
        cmocka_unit_test(prefix_alone_is_no_error),
        cmocka_unit_test(null_struct_keeps_failures_failures),
        cmocka_unit_test(long_texts_are_cut_at_the_end),
        cmocka_unit_test(wording_is_of_a_thread_and_those_that_it_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
