/* Which outputs have a place in a directory. */
#include "scratch.h"

#include "base/io/target.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_streams_from_files, scratch_enter, scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
