/* Info as a call of the library. */
#include "dataset/info_pass.h"
#include "pass_fixture.h"

static const struct sent mixed[] = {{1, "7,web"}, {2, "8,mail"}, {3, NULL}, {4, "9,web"}};
static const struct input_options plain = {.threads = 0};

static int info_of(const char *path, struct sources *sources, struct info_pass_result *result)
{
    *sources = (struct sources){0};
    *result = (struct info_pass_result){.classes = NULL};
    const int rc = sources_add(sources, path, NULL);
    return rc == 0 ? info_pass_run(sources, &plain, result, NULL) : rc;
}

static void test_a_capture(void **state)
{
    (void)state;
    struct info_pass_result result;
    struct sources sources;
    write_capture("in", mixed, COUNT_OF(mixed));
    assert_int_equal(info_of("in", &sources, &result), 0);
    assert_int_equal(result.survey.all.packets, 4);
    assert_int_equal(result.survey.labelled.packets, 3);
    assert_int_equal(result.class_count, 2);
    assert_int_equal(result.classes[0].samples, 2); /* web */
    assert_int_equal(result.counts.read, 1);
    assert_string_equal(result.inputs[0].format, "pcapng");
    assert_int_equal(result.interface_count, 1);
    info_pass_release(&result);
    sources_release(&sources);
}

static void test_little_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *bytes;
        size_t len;
        const char *format;
        uint64_t damaged;
    } inputs[] = {{"empty", "", 0, "empty", 0}, {"head", "\xd4\xc3\xb2\xa1", 4, "unknown", 1}};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        struct info_pass_result result;
        struct sources sources;
        spill(inputs[i].name, inputs[i].bytes, inputs[i].len);
        assert_int_equal(info_of(inputs[i].name, &sources, &result), 0);
        assert_string_equal(result.inputs[0].format, inputs[i].format);
        assert_int_equal(result.counts.damaged, inputs[i].damaged);
        assert_int_equal(result.survey.all.packets + result.interface_count, 0);
        info_pass_release(&result);
        sources_release(&sources);
    }
}

static void test_no_capture(void **state)
{
    (void)state;
    struct info_pass_result result;
    struct sources sources;
    spill("text", "hello", 5);
    assert_int_equal(info_of("text", &sources, &result), LCAP_ERR_FORMAT);
    info_pass_release(&result);
    sources_release(&sources);
    assert_int_equal(info_of("missing", &sources, &result), LCAP_ERR_IO);
    info_pass_release(&result);
    sources_release(&sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_capture),
        cmocka_unit_test(test_little_or_nothing),
        cmocka_unit_test(test_no_capture),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
