/* Going to a place in an input: in the buffer, in a file, in compressed data. */
#include "scratch.h"

#include "base/io/input.h"
#include <assert.h>

/* Several blocks of what is read at once. */
enum { SAMPLE = 1500000 };

static void expect_from(struct input *in, const struct bytes *sample, uint64_t offset, size_t len)
{
    const uint8_t *at;
    const size_t left = (size_t)(sample->len - offset);
    struct lcap_error error = {0};
    if (input_seek(in, offset, 0, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(input_offset(in), offset);
    const int64_t have = input_peek(in, len, &at, &error);
    assert_in_range(have, len < left ? len : left, left);
    if (have > 0)
        assert_memory_equal(at, sample->data + offset, have);
}

static void check_walk(struct input *in, const struct bytes *sample)
{
    uint32_t random = 1;
    expect_from(in, sample, SAMPLE, 1);
    for (int i = 0; i < 60; i++) {
        random = random * 1664525u + 1013904223u;
        uint64_t offset = (random >> 8) % (SAMPLE + 1);
        if (i % 3 == 0) /* near the place before */
            offset = input_offset(in) - input_offset(in) % 1000;
        expect_from(in, sample, offset, 1 + random % 5000);
    }
    expect_from(in, sample, 0, 10);
    expect_from(in, sample, SAMPLE, 1);
}

static void check_behind_the_end(struct input *in, const struct bytes *sample, const char *name)
{
    static const uint64_t offsets[] = {SAMPLE + 1, UINT64_C(1) << 40, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        struct lcap_error error = {0};
        char text[64];
        snprintf(text, sizeof text, "%s: byte %llu is beyond the end", name,
                 (unsigned long long)offsets[i]);
        assert_int_equal(input_seek(in, offsets[i], 0, &error), LCAP_ERR_ARGUMENT);
        assert_string_equal(error.text, text);
        expect_from(in, sample, 7, 7);
    }
}

static void goes_anywhere(void **state)
{
    (void)state;
    static const char *const names[] = {"plain", "plain.gz", "plain.zst"};
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("gzip -k plain && zstd -q plain");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct input *in = NULL;
        assert_int_equal(input_open(&in, names[i], NULL), 0);
        check_walk(in, &sample);
        assert_int_equal(input_is_packed(in), i > 0);
        check_behind_the_end(in, &sample, names[i]);
        input_free(in);
    }
    free(sample.data);
}

static void counts_from_where_the_file_stood(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    struct input *in = NULL;
    spill("later", "before", 6);
    int fd = open("later", O_RDWR | O_APPEND);
    assert_int_equal(write(fd, sample.data, sample.len), sample.len);
    assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
    assert_int_equal(input_open_fd(&in, fd, "later", NULL), 0);
    check_walk(in, &sample);
    check_behind_the_end(in, &sample, "later");
    input_free(in);
    free(sample.data);
}

static void pipes_stay_where_they_are(void **state)
{
    (void)state;
    int ends[2];
    struct lcap_error error = {0};
    struct input *in = NULL;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(input_open_fd(&in, ends[0], "pipe", NULL), 0);
    assert_int_equal(input_seek(in, 0, 0, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "pipe: cannot seek: not a regular file");
    input_free(in);
    close(ends[1]);
}

static void damage_stays_where_it_is(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    struct input *in = NULL;
    struct lcap_error error = {0};
    spill("cut", sample.data, sample.len);
    run("gzip cut && truncate -s -100 cut.gz");
    assert_int_equal(input_open(&in, "cut.gz", NULL), 0);
    assert_int_equal(input_seek(in, SAMPLE, 0, &error), LCAP_ERR_DAMAGED);
    assert_non_null(strstr(error.text, "ends in the middle of the gzip data"));
    expect_from(in, &sample, 1000, 1000);
    input_free(in);
    free(sample.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_anywhere),
        cmocka_unit_test(counts_from_where_the_file_stood),
        cmocka_unit_test(pipes_stay_where_they_are),
        cmocka_unit_test(damage_stays_where_it_is),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
