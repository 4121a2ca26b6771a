/* One input of a pass: sound, damaged, empty, no capture, or not there at all. */
#include "dataset/input_pass.h"
#include "pass_fixture.h"

static const struct sent three[] = {{1, NULL}, {2, "note"}, {3, NULL}};

struct seen {
    uint64_t packets;
    uint64_t at_most; /* where the function ends the walk; 0: never */
    int code;         /* what it returns there */
};

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct seen *seen = context;
    seen->packets += block->kind == LCAP_BLOCK_PACKET;
    if (!seen->at_most || seen->packets < seen->at_most)
        return 0;
    return seen->code < 0 ? lcap_error_set(error, seen->code, "enough") : seen->code;
}

static const struct input_options plain = {.threads = 0};

/* Opens and walks to the end; both must go well. */
static struct input_pass walked(const char *path, const struct input_options *options,
                                uint64_t packets)
{
    struct input_pass input;
    struct seen seen = {0};
    assert_int_equal(input_pass_open(&input, path, true, options, NULL), 0);
    assert_int_equal(input_pass_walk(&input, take_block, &seen, NULL), 0);
    assert_int_equal(seen.packets, packets);
    assert_int_equal(input.outcome.packets, packets);
    return input;
}

static void expect_counts(const struct input_pass *input, uint64_t read, uint64_t skipped,
                          uint64_t damaged)
{
    struct input_counts counts = {0};
    input_pass_settle(input, &counts);
    assert_int_equal(counts.read, read);
    assert_int_equal(counts.skipped, skipped);
    assert_int_equal(counts.damaged, damaged);
}

static void test_a_sound_one(void **state)
{
    (void)state;
    write_capture("sound", three, COUNT_OF(three));
    struct input_pass input = walked("sound", &plain, 3);
    assert_string_equal(input.outcome.name, "sound");
    assert_true(input.outcome.opened);
    assert_false(input.outcome.empty);
    assert_int_equal(input.outcome.status, 0);
    expect_counts(&input, 1, 0, 0);
    input_pass_close(&input);
}

static void test_damage_ends_the_input_only(void **state)
{
    (void)state;
    write_damaged("damaged", three, COUNT_OF(three));
    struct input_pass input = walked("damaged", &plain, 2);
    assert_int_equal(input.outcome.status, LCAP_ERR_DAMAGED);
    assert_non_null(strstr(input.outcome.error.text, "damaged: offset "));
    assert_false(input.outcome.empty);
    expect_counts(&input, 1, 0, 1);
    input_pass_close(&input);
}

static void test_damage_before_the_first_block(void **state)
{
    (void)state;
    spill("head", "\xd4\xc3\xb2\xa1\x02\x00", 6);
    struct input_pass input = walked("head", &plain, 0);
    assert_null(input.reader);
    assert_int_equal(input.outcome.status, LCAP_ERR_DAMAGED);
    assert_false(input.outcome.opened);
    expect_counts(&input, 0, 0, 1);
    input_pass_close(&input);
}

static void test_no_capture_is_skipped_unless_named(void **state)
{
    (void)state;
    spill("text", "hello", 5);
    struct input_pass input = walked("text", &plain, 0);
    assert_int_equal(input.outcome.status, LCAP_ERR_FORMAT);
    expect_counts(&input, 0, 1, 0);

    input_pass_close(&input);

    struct lcap_error error = {0};
    assert_int_equal(input_pass_open(&input, "text", false, &plain, &error), LCAP_ERR_FORMAT);
    assert_string_equal(error.text, "text: not a capture: expected a pcap or pcapng magic number, "
                                    "found 68 65 6c 6c");
    input_pass_close(&input);
}

static void test_empty_ones(void **state)
{
    (void)state;
    spill("empty", "", 0);
    run("gzip -c empty > packed");
    write_capture("interface", NULL, 0);
    static const char *const names[] = {"empty", "packed"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct input_pass input = walked(names[i], &plain, 0);
        assert_true(input.outcome.empty);
        expect_counts(&input, 1, 0, 0);
        input_pass_close(&input);
    }
    struct input_pass input = walked("interface", &plain, 0);
    assert_false(input.outcome.empty);
    input_pass_close(&input);
}

static void test_errors_of_the_run(void **state)
{
    (void)state;
    struct input_pass input;
    struct lcap_error error = {0};
    assert_int_equal(input_pass_open(&input, "missing", true, &plain, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "missing: cannot open: No such file or directory");
    input_pass_close(&input);

    write_capture("sound", three, COUNT_OF(three));
    struct seen seen = {.at_most = 2, .code = LCAP_ERR_IO};
    lcap_error_clear(&error);
    assert_int_equal(input_pass_open(&input, "sound", true, &plain, &error), 0);
    assert_int_equal(input_pass_walk(&input, take_block, &seen, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "enough");
    assert_int_equal(input.outcome.status, 0);
    assert_int_equal(input.outcome.packets, 2);
    input_pass_close(&input);
}

static void test_a_look_first(void **state)
{
    (void)state;
    write_damaged("damaged", three, COUNT_OF(three));
    struct input_pass input;
    struct seen one = {.at_most = 1, .code = 1}, all = {0}, again = {0};
    assert_int_equal(input_pass_open(&input, "damaged", false, &plain, NULL), 0);
    assert_int_equal(input_pass_walk(&input, take_block, &one, NULL), 1);
    assert_int_equal(input_pass_rewind(&input, NULL), 0);
    assert_int_equal(input_pass_walk(&input, take_block, &all, NULL), 0);
    assert_int_equal(input_pass_rewind(&input, NULL), 0);
    assert_int_equal(input.outcome.status, 0);
    assert_int_equal(input_pass_walk(&input, take_block, &again, NULL), 0);
    assert_int_equal(all.packets, 2);
    assert_int_equal(again.packets, 2);
    assert_int_equal(input.outcome.packets, 2);
    expect_counts(&input, 1, 0, 1);
    input_pass_close(&input);
}

static uint64_t looks;

static bool look(void *context, const struct lcap_progress *progress)
{
    (void)context;
    assert_string_equal(progress->name, "many");
    assert_true(progress->done <= progress->size);
    looks += progress->done > 0;
    return true;
}

static void hear(void *context, const struct input_outcome *outcome)
{
    char *heard = context;
    strcat(strcat(heard, outcome->name), outcome->status ? "! " : " ");
}

static void test_somebody_looks_on_and_listens(void **state)
{
    (void)state;
    enum { PACKETS = (1 << 15) + 1 };
    struct sent *many = calloc(PACKETS, sizeof *many);
    assert_non_null(many);
    write_capture("many", many, PACKETS);
    free(many);
    write_damaged("damaged", three, COUNT_OF(three));
    char heard[64] = "";
    const struct input_options options = {
        .watcher = {look, NULL}, .listener = hear, .context = heard};
    struct input_pass first = walked("many", &options, PACKETS);
    expect_counts(&first, 1, 0, 0);
    struct input_pass second = walked("damaged", &options, 2);
    expect_counts(&second, 1, 0, 1);
    assert_int_equal(looks, 2);
    assert_string_equal(heard, "many damaged! ");
    input_pass_close(&first);
    input_pass_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_one),
        cmocka_unit_test(test_damage_ends_the_input_only),
        cmocka_unit_test(test_damage_before_the_first_block),
        cmocka_unit_test(test_no_capture_is_skipped_unless_named),
        cmocka_unit_test(test_empty_ones),
        cmocka_unit_test(test_errors_of_the_run),
        cmocka_unit_test(test_a_look_first),
        cmocka_unit_test(test_somebody_looks_on_and_listens),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
