/* Guesses where blocks begin in the middle of a capture. */
#include "capture/parts/reader_guess.h"
#include "capture/parts/reader_place.h"
#include "pass_fixture.h"

#define ZEROS (2u << 20)

static const struct sent some[] = {{1, "7,web"}, {2, "7,web"}, {3, "7,web"}, {4, "7,web"},
                                   {5, "7,web"}, {6, "7,web"}, {7, "7,web"}};

/* The packets, then zeros, then the packets again; returns where the zeros begin. */
static uint64_t write_gap(void)
{
    write_capture("in", some, COUNT_OF(some));
    struct bytes all = slurp("in");
    const uint64_t begin = all.len;
    const int fd = open("in", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, all.data, all.len, (off_t)(begin + ZEROS)), all.len);
    assert_int_equal(close(fd), 0);
    free(all.data);
    return begin;
}

static void test_a_long_gap(void **state)
{
    (void)state;
    struct lcap_reader *reader = NULL;
    struct lcap_position found = {.size = sizeof found};
    const uint64_t begin = write_gap();
    assert_int_equal(lcap_reader_open(&reader, "in", NULL, NULL), 0);
    reader_meet_blocks(reader);
    assert_int_equal(reader_guess_place(reader, begin, &found, NULL), 0);
    assert_int_equal(found.offset, begin + ZEROS);
    assert_int_equal(reader_guess_near(reader, begin, &found, NULL), 0);
    assert_int_equal(found.offset, lcap_reader_file_size(reader));
    assert_int_equal(reader_guess_near(reader, begin + ZEROS - 100, &found, NULL), 0);
    assert_int_equal(found.offset, begin + ZEROS);
    lcap_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_long_gap)};
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
