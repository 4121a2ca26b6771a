/* Strip as a call of the library: labels removed, losses counted, damage kept apart. */
#include "dataset/strip_pass.h"
#include "pass_fixture.h"

static const struct sent labelled[] = {{1, "7,web"}, {2, "note"}, {3, NULL}, {4, "8,mail"}};
static const struct sent stripped[] = {{1, NULL}, {2, "note"}, {3, NULL}, {4, NULL}};

static int strip(const char *input, struct strip_pass_options options,
                 struct strip_pass_result *result, struct lcap_error *error)
{
    options.placing.overwrite = true;
    return strip_pass_run(input, "out", &options, result, error);
}

static void test_labels_go_and_all_else_stays(void **state)
{
    (void)state;
    struct strip_pass_result result;
    write_capture("in", labelled, COUNT_OF(labelled));
    assert_int_equal(
        strip("in", (struct strip_pass_options){.placing.overwrite = true}, &result, NULL), 0);
    assert_capture("out", stripped, COUNT_OF(stripped));
    assert_int_equal(result.packets, 4);
    assert_int_equal(result.labels, 2);
    assert_int_equal(result.inputs.read, 1);
    assert_int_equal(result.inputs.damaged, 0);
    assert_int_equal(result.losses.pcap_options, 0);
}

static void test_pcap_tells_what_it_cannot_hold(void **state)
{
    (void)state;
    static const struct sent bare[] = {{1, NULL}, {2, NULL}, {3, NULL}, {4, NULL}};
    struct strip_pass_result result;
    write_capture("in", labelled, COUNT_OF(labelled));
    assert_int_equal(
        strip("in", (struct strip_pass_options){.format = LCAP_FORMAT_PCAP}, &result, NULL), 0);
    assert_capture("out", bare, COUNT_OF(bare));
    assert_int_equal(result.losses.pcap_options, 1); /* the note */
}

static void test_damage(void **state)
{
    (void)state;
    char heard[1024] = "";
    const struct strip_pass_options options = {
        .input = {.listener = hear_faults, .context = heard}};
    struct strip_pass_result result;
    write_damaged("in", labelled, COUNT_OF(labelled));
    assert_int_equal(strip("in", options, &result, NULL), 0);
    assert_capture("out", stripped, 3);
    assert_int_equal(result.inputs.damaged, 1);
    assert_non_null(strstr(heard, "in: offset "));
}

static void test_nothing_is_left_of_an_error(void **state)
{
    (void)state;
    struct strip_pass_result result;
    struct lcap_error error = {0};
    spill("text", "hello", 5);
    unlink("out");
    assert_int_equal(
        strip("text", (struct strip_pass_options){.format = LCAP_FORMAT_PCAP}, &result, &error),
        LCAP_ERR_FORMAT);
    assert_non_null(strstr(error.text, "text: not a capture"));
    assert_int_equal(access("out", F_OK), -1);
    assert_int_equal(result.packets, 0);

    lcap_error_clear(&error);
    write_capture("in", labelled, COUNT_OF(labelled));
    const struct strip_pass_options options = {.placing.overwrite = true};
    assert_int_equal(strip_pass_run("in", "in", &options, &result, &error), LCAP_ERR_ARGUMENT);
    assert_capture("in", labelled, COUNT_OF(labelled));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_go_and_all_else_stays),
        cmocka_unit_test(test_pcap_tells_what_it_cannot_hold),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_nothing_is_left_of_an_error),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
