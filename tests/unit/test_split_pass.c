/* Split as a call of the library: a file for each sample, however the packets come. */
#include "dataset/split/split_pass.h"
#include "pass_fixture.h"

static const struct sent mixed[] = {
    {1, "7,web"}, {2, "8,mail"}, {3, NULL}, {4, "7,web"}, {5, "7,shop"}};
static const struct sent seven[] = {{1, "7,web"}, {4, "7,web"}, {5, "7,shop"}};
static const struct sent eight[] = {{2, "8,mail"}};

static int split(const char *input, const char *directory, struct split_pass_result *result)
{
    const struct split_pass_options options = {.format = LCAP_FORMAT_PCAPNG,
                                               .sorter = {.memory = 1 << 20}};
    return split_pass_run(input, directory, &options, result, NULL);
}

static void test_samples_get_files(void **state)
{
    (void)state;
    struct split_pass_result result;
    write_capture("in", mixed, COUNT_OF(mixed));
    assert_int_equal(split("in", "samples", &result), 0);
    assert_capture("samples/7_web.pcapng", seven, COUNT_OF(seven));
    assert_capture("samples/8_mail.pcapng", eight, COUNT_OF(eight));
    assert_int_equal(result.samples, 2);
    assert_int_equal(result.files, 2);
    assert_int_equal(result.packets, 4);
    assert_int_equal(result.unlabelled, 1);
    assert_int_equal(result.two_labels, 1);
    assert_int_equal(result.inputs.read, 1);
}

static void test_damage_is_met_once(void **state)
{
    (void)state;
    struct split_pass_result result;
    write_damaged("damaged", mixed, COUNT_OF(mixed));
    assert_int_equal(split("damaged", "of-damaged", &result), 0);
    assert_capture("of-damaged/7_web.pcapng", seven, 2);
    assert_int_equal(result.inputs.damaged, 1);
}

static void test_an_input_without_packets(void **state)
{
    (void)state;
    struct split_pass_result result;
    spill("empty", "", 0);
    assert_int_equal(split("empty", "of-empty", &result), 0);
    assert_int_equal(entries_of("of-empty"), 1); /* metadata.csv */
    spill("head", "\xd4\xc3\xb2\xa1\x02\x00", 6);
    assert_int_equal(split("head", "of-head", &result), 0);
    assert_int_equal(entries_of("of-head"), 1);
    assert_int_equal(result.inputs.damaged, 1);
    spill("text", "hello", 5);
    assert_int_equal(split("text", "of-text", &result), LCAP_ERR_FORMAT);
    assert_int_equal(access("of-text", F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_get_files),
        cmocka_unit_test(test_damage_is_met_once),
        cmocka_unit_test(test_an_input_without_packets),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
