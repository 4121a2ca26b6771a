/* Partitions and splits by the public interface: lists, findings, errors, and what they leave. */
#include "pass_fixture.h"

#include <labelcap/partition.h>

static const struct sent packets[] = {{1, "7,web"}, {2, "18446744073709551615,mail"},
                                      {3, NULL},    {4, "7,web"},
                                      {5, "9,dns"}, {6, "11,dns"},
                                      {7, "12,web"}};

/* Of `group` sample, because the packets of the fixture have no addresses. */
static struct lcap_partition_options halves(void)
{
    return (struct lcap_partition_options){.size = sizeof(struct lcap_partition_options),
                                           .train = 60,
                                           .test = 40,
                                           .method = LCAP_PARTITION_EXACTLY,
                                           .group = "sample"};
}

static void expect_failure(const struct lcap_partition_options *options, int code, const char *text)
{
    struct lcap_partition *partition = NULL;
    struct lcap_error error = {.code = 0};
    assert_int_equal(lcap_partition_new(&partition, "in", "out", options, &error), code);
    assert_non_null(strstr(error.text, text));
    assert_null(partition);
    assert_int_equal(access("out", F_OK), -1);
    lcap_partition_free(partition);
}

static void test_lists_and_counts(void **state)
{
    (void)state;
    const struct lcap_partition_options options = halves();
    struct lcap_partition *partition = NULL;
    write_capture("in", packets, COUNT_OF(packets));
    assert_int_equal(lcap_partition_new(&partition, "in", "out", &options, NULL), 0);
    const struct lcap_partition_counts *counts = lcap_partition_counts(partition);
    assert_int_equal(counts->samples, 5);
    assert_int_equal(counts->groups, 5);
    assert_int_equal(counts->largest_group, 1);
    assert_int_equal(counts->left_out, 0);
    assert_string_equal(lcap_partition_list(partition, 0)->name, "train");
    assert_int_equal(lcap_partition_list(partition, 0)->samples, 3);
    assert_string_equal(lcap_partition_list(partition, 1)->name, "test");
    assert_true(lcap_partition_list(partition, 1)->percent == 40);
    assert_null(lcap_partition_list(partition, 2));
    assert_int_equal(lcap_partition_finding(partition, 0)->severity, LCAP_SEVERITY_WARNING);
    lcap_partition_free(partition);
    run("rm -r out");
}

static void test_splits(void **state)
{
    (void)state;
    static const uint64_t ids[] = {7, 9, 11, 12, UINT64_MAX};
    const struct lcap_partition_options options = halves();
    struct lcap_partition *partition = NULL;
    struct lcap_splits *splits = NULL;
    size_t list, in_list[2] = {0, 0};
    write_capture("in", packets, COUNT_OF(packets));
    assert_int_equal(lcap_partition_new(&partition, "in", "out", &options, NULL), 0);
    lcap_partition_free(partition);
    assert_int_equal(lcap_splits_open(&splits, "out", NULL), 0);
    assert_string_equal(lcap_splits_name(splits, 0), "train");
    assert_string_equal(lcap_splits_name(splits, 1), "test");
    assert_null(lcap_splits_name(splits, 2));
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_int_equal(lcap_splits_find(splits, ids[i], &list), 1);
        in_list[list]++;
    }
    assert_int_equal(in_list[0], 3);
    assert_int_equal(in_list[1], 2);
    assert_int_equal(lcap_splits_find(splits, 8, &list), 0);
    lcap_splits_free(splits);
    lcap_splits_free(NULL);
    run("rm -r out");
}

static void test_errors_leave_nothing(void **state)
{
    (void)state;
    struct lcap_partition_options options = halves();
    write_capture("in", packets, COUNT_OF(packets));
    options.size = 0;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "its size in its first field");
    options = halves();
    options.train = 50;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "add up to 90");
    options.train = 110;
    options.test = -10;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "--train: expected percent");
    options.train = 100;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "--test: expected percent");
    options = halves();
    options.gap_seconds = -1;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "--gap: expected seconds");
    options = halves();
    options.group = "host";
    expect_failure(&options, LCAP_ERR_ARGUMENT, "--group host needs --local");
    options.group = "file";
    expect_failure(&options, LCAP_ERR_LABEL, "--keep-source");
    options = halves();
    options.challenge = 1;
    expect_failure(&options, LCAP_ERR_ARGUMENT, "a file for its key");
    write_capture("in", packets + 2, 1);
    options = halves();
    expect_failure(&options, LCAP_ERR_LABEL, "no packet is labelled");
    expect_failure(NULL, LCAP_ERR_ARGUMENT, "add up to 0");
}

static bool stop(void *context, const struct lcap_progress *progress)
{
    (void)context, (void)progress;
    return false;
}

static void test_a_watcher_ends_it(void **state)
{
    (void)state;
    enum { MANY = 20000 }; /* packets, more than there are between two looks */
    struct lcap_partition_options options = halves();
    struct sent *sent = calloc(MANY, sizeof *sent);
    assert_non_null(sent);
    for (size_t i = 0; i < MANY; i++)
        sent[i] = (struct sent){1, "7,web"};
    write_capture("in", sent, MANY);
    free(sent);
    options.watcher.look = stop;
    expect_failure(&options, LCAP_ERR_INTERRUPTED, "");
}

static void test_no_lists(void **state)
{
    (void)state;
    struct lcap_splits *splits = NULL;
    struct lcap_error error = {.code = 0};
    run("mkdir empty");
    assert_int_equal(lcap_splits_open(&splits, "empty", &error), LCAP_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "no lists"));
    assert_int_equal(lcap_splits_open(&splits, "gone", NULL), LCAP_ERR_IO);
    assert_null(splits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_and_counts),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_errors_leave_nothing),
        cmocka_unit_test(test_a_watcher_ends_it),
        cmocka_unit_test(test_no_lists),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
