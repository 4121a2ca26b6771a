/* Which outputs have a place in a directory, and whether somebody may end the wait for others. */
#include "scratch.h"

#include "base/io/output.h"
#include "base/io/target.h"
#include <labelcap/progress.h>

static void tells_streams_from_files(void **state)
{
    (void)state;
    static const char *const streams[] = {"-",         "/dev/stdout", "/dev/stderr", "/dev/fd/1",
                                          "/dev/null", "fifo",        "link"};
    static const char *const files[] = {"new", "old", "no/such/folder", "/dev/shm/labelcap-no-such",
                                        "/dev/fd/x"};
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(symlink("fifo", "link"), 0);
    spill("old", "x", 1);
    for (size_t i = 0; i < COUNT_OF(streams); i++)
        assert_true(target_is_stream(streams[i]));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_false(target_is_stream(files[i]));
}

static bool look_twice(void *looks, const struct lcap_progress *progress)
{
    assert_int_equal(progress->input, LCAP_NO_INPUT);
    return --*(int *)looks > 0;
}

static void a_watcher_ends_waits_for_readers(void **state)
{
    (void)state;
    static uint8_t much[1 << 20];
    int looks = 2;
    const struct lcap_watcher watcher = {look_twice, &looks};
    const struct output_options options = {.threads = 3};
    struct output *out;
    struct lcap_error error = {0};
    assert_int_equal(mkfifo("fifo", 0600), 0);
    lcap_watch_waits(&watcher);
    assert_int_equal(output_open(&out, "fifo", &options, &error), LCAP_ERR_INTERRUPTED);
    assert_int_equal(looks, 0);
    assert_string_equal(error.text, "fifo: interrupted");
    lcap_error_clear(&error);
    const int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    looks = 2;
    assert_int_equal(output_open(&out, "fifo", &options, &error), LCAP_OK);
    output_write(out, much, sizeof much);
    assert_int_equal(output_close(out, &error), LCAP_ERR_INTERRUPTED);
    assert_int_equal(looks, 0);
    lcap_watch_waits(NULL);
    close(reader);
}

static void a_watcher_ends_what_is_packed_again(void **state)
{
    (void)state;
    static uint8_t much[1 << 20];
    int looks = 2;
    const struct lcap_watcher watcher = {look_twice, &looks};
    struct output *out;
    struct lcap_error error = {0};
    lcap_watch_waits(&watcher);
    assert_int_equal(output_open(&out, "packed.gz", NULL, &error), LCAP_OK);
    output_write_stream(out, much, sizeof much);
    output_patch(out, 1, "x", 1);
    assert_int_equal(looks, 2);
    assert_int_equal(output_close(out, &error), LCAP_ERR_INTERRUPTED);
    lcap_watch_waits(NULL);
    assert_int_equal(looks, 0);
    assert_string_equal(error.text, "packed.gz: interrupted");
    assert_int_equal(access("packed.gz", F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_streams_from_files, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(a_watcher_ends_waits_for_readers, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(a_watcher_ends_what_is_packed_again, scratch_enter,
                                        scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
