/* Sort as a call of the library: order, merging, conflicts, inputs of every kind. */
#include "dataset/sort_pass.h"
#include "pass_fixture.h"

static const struct sent first[] = {{4, "8,mail"}, {2, "7,web"}, {3, NULL}};
static const struct sent second[] = {{1, "7,shop"}, {5, "7,web"}};
static const struct sent by_sample[] = {
    {1, "7,shop"}, {2, "7,web"}, {5, "7,web"}, {4, "8,mail"}, {3, NULL}};
static const struct sent by_time[] = {
    {1, "7,shop"}, {2, "7,web"}, {3, NULL}, {4, "8,mail"}, {5, "7,web"}};

static const struct sort_pass_options by_sample_options = {
    .order = ORDER_SAMPLE, .placing.overwrite = true, .sorter = {.memory = 1 << 20}};

/* The result must be released. */
static int sort(const char *const *operands, size_t count, const struct sort_pass_options *options,
                struct sort_pass_result *result)
{
    struct sources sources = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sources_add(&sources, operands[i], NULL), 0);
    int rc = sort_pass_run(&sources, "out", options, result, NULL);
    sources_release(&sources);
    return rc;
}

static void test_several_are_merged(void **state)
{
    (void)state;
    static const char *const operands[] = {"a", "b"};
    struct sort_pass_options options = by_sample_options;
    struct sort_pass_result result;
    write_capture("a", first, COUNT_OF(first));
    write_capture("b", second, COUNT_OF(second));
    assert_int_equal(sort(operands, 2, &options, &result), 0);
    assert_capture("out", by_sample, COUNT_OF(by_sample));
    assert_int_equal(result.inputs.read, 2);
    assert_int_equal(result.survey.all.packets, 5);
    assert_int_equal(result.linktypes, 1);
    assert_int_equal(result.survey.conflict_count, 1); /* 7 is web, and shop */
    sort_pass_release(&result);

    options.order = ORDER_TIME;
    assert_int_equal(sort(operands, 2, &options, &result), 0);
    assert_capture("out", by_time, COUNT_OF(by_time));
    sort_pass_release(&result);
}

static void test_one_in_order_is_copied(void **state)
{
    (void)state;
    static const char *const operands[] = {"sorted"};
    struct sort_pass_result result;
    write_capture("sorted", by_sample, COUNT_OF(by_sample));
    assert_int_equal(sort(operands, 1, &by_sample_options, &result), 0);
    sort_pass_release(&result);
    struct bytes before = slurp("sorted");
    assert_file_holds("out", before.data, before.len);
    free(before.data);
}

static void test_inputs_of_every_kind(void **state)
{
    (void)state;
    static const char *const operands[] = {"all"};
    char heard[2048] = "";
    struct sort_pass_options options = by_sample_options;
    struct sort_pass_result result;
    options.input = (struct input_options){.listener = hear_faults, .context = heard};
    assert_int_equal(mkdir("all", 0777), 0);
    write_capture("all/a", first, COUNT_OF(first));
    write_damaged("all/b", second, COUNT_OF(second));
    spill("all/empty", "", 0);
    spill("all/head", "\xd4\xc3\xb2\xa1\x02\x00", 6);
    spill("all/text", "hello", 5);
    assert_int_equal(sort(operands, 1, &options, &result), 0);
    assert_int_equal(result.inputs.read, 3);
    assert_int_equal(result.inputs.skipped, 1);
    assert_int_equal(result.inputs.damaged, 2);
    assert_int_equal(result.survey.all.packets, 4);
    assert_non_null(strstr(heard, "all/b: offset "));
    assert_non_null(strstr(heard, "all/head: offset 0"));
    assert_null(strstr(heard, "all/empty"));
    sort_pass_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_are_merged),
        cmocka_unit_test(test_one_in_order_is_copied),
        cmocka_unit_test(test_inputs_of_every_kind),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
