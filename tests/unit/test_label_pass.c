/* Label as a call of the library: rules, inputs of every kind, labels that are there, giving up. */
#include "dataset/labelling/label_pass.h"
#include "pass_fixture.h"
#include <inttypes.h>

/* What key `key` and metadata `metadata` make. */
struct comment {
    char text[64];
};

static struct comment comment_of(const char *key, const char *metadata)
{
    struct comment comment;
    snprintf(comment.text, sizeof comment.text, "%" PRIu64 ",%s", lcap_sample_id(key, strlen(key)),
             metadata);
    return comment;
}

static const struct sent four[] = {{1, NULL}, {2, NULL}, {3, "note"}, {4, NULL}};

/* What a test holds: the inputs that are labelled, and what is heard of them. */
struct labelling {
    struct sources sources;
    struct label_pass *pass;
    char heard[2048];
};

static struct label_pass_options options_for(struct labelling *labelling)
{
    return (struct label_pass_options){
        .rules = "rules",
        .output = "out",
        .placing.overwrite = true,
        .sorter = {.memory = 1 << 20},
        .input = {.listener = hear_faults, .context = labelling->heard},
    };
}

static void begin(struct labelling *labelling, const char *rules, const char *operand,
                  const struct label_pass_options *options)
{
    spill("rules", rules, strlen(rules));
    assert_int_equal(sources_add(&labelling->sources, operand, NULL), 0);
    assert_int_equal(label_pass_new(&labelling->pass, &labelling->sources, options, NULL), 0);
}

static void end(struct labelling *labelling)
{
    label_pass_free(labelling->pass);
    sources_release(&labelling->sources);
}

static void test_the_first_rule_labels(void **state)
{
    (void)state;
    const struct comment early = comment_of("a", "early"), rest = comment_of("b", "rest");
    const struct sent labelled[] = {
        {1, early.text}, {2, early.text}, {3, rest.text}, {4, rest.text}};
    struct labelling labelling = {.pass = NULL};
    const struct label_pass_options options = options_for(&labelling);
    write_capture("in", four, COUNT_OF(four));
    begin(&labelling, "TS_END:2,early,a\nTS_START:2,rest,b\nTS_START:9,late,c\n", "in", &options);
    assert_int_equal(label_pass_run(labelling.pass, NULL), 0);
    assert_int_equal(label_pass_finish(labelling.pass, NULL), 0);
    assert_capture("out", labelled, COUNT_OF(labelled));
    const struct label_pass_result *result = label_pass_result(labelling.pass);
    assert_int_equal(result->all.packets, 4);
    assert_int_equal(result->labelled, 4);
    assert_int_equal(result->kept, 0);
    assert_int_equal(result->linktypes, 1);
    assert_int_equal(lcap_rules_count(result->rules), 3);
    assert_int_equal(result->findings.count, 1); /* the third rule */
    assert_string_equal(result->findings.items[0].place, "3");
    end(&labelling);
}

static void test_unmatched_ones_are_kept_or_left_out(void **state)
{
    (void)state;
    const struct comment last = comment_of("d", "last");
    const struct sent labelled[] = {{1, NULL}, {2, NULL}, {3, "note"}, {4, last.text}};
    for (int keep = 0; keep < 2; keep++) {
        struct labelling labelling = {.pass = NULL};
        struct label_pass_options options = options_for(&labelling);
        options.keep_unmatched = keep;
        write_capture("in", four, COUNT_OF(four));
        begin(&labelling, "TS_START:4,last,d\n", "in", &options);
        assert_int_equal(label_pass_run(labelling.pass, NULL), 0);
        assert_int_equal(label_pass_finish(labelling.pass, NULL), 0);
        assert_capture("out", labelled + (keep ? 0 : 3), keep ? 4 : 1);
        assert_int_equal(label_pass_result(labelling.pass)->kept, keep ? 3 : 0);
        end(&labelling);
    }
}

static void test_labels_that_are_there(void **state)
{
    (void)state;
    static const struct sent old[] = {{1, NULL}, {2, "7,old"}};
    const struct comment new = comment_of("n", "new");
    const struct sent labelled[] = {{1, new.text}, {2, new.text}};
    write_capture("in", old, COUNT_OF(old));
    for (int relabel = 0; relabel < 2; relabel++) {
        struct labelling labelling = {.pass = NULL};
        struct label_pass_options options = options_for(&labelling);
        struct lcap_error error = {0};
        options.relabel = relabel;
        unlink("out");
        begin(&labelling, "TS_START:0,new,n\n", "in", &options);
        assert_int_equal(label_pass_run(labelling.pass, &error), relabel ? 0 : LCAP_ERR_LABEL);
        if (relabel)
            assert_int_equal(label_pass_finish(labelling.pass, NULL), 0);
        else
            assert_string_equal(error.text,
                                "in: packet 2 already has a label (use --relabel to replace its "
                                "labels)");
        end(&labelling);
        assert_int_equal(access("out", F_OK), relabel ? 0 : -1);
    }
    assert_capture("out", labelled, COUNT_OF(labelled));
}

static void test_inputs_of_every_kind(void **state)
{
    (void)state;
    struct labelling labelling = {.pass = NULL};
    const struct label_pass_options options = options_for(&labelling);
    assert_int_equal(mkdir("all", 0777), 0);
    write_damaged("all/a", four, COUNT_OF(four));
    write_capture("all/b", four, COUNT_OF(four));
    spill("all/empty", "", 0);
    spill("all/text", "hello", 5);
    begin(&labelling, "TS_START:0,all\nFILE:empty,nothing\n", "all", &options);
    assert_int_equal(label_pass_run(labelling.pass, NULL), 0);
    const struct label_pass_result *result = label_pass_result(labelling.pass);
    assert_int_equal(result->inputs.read, 3);
    assert_int_equal(result->inputs.skipped, 1);
    assert_int_equal(result->inputs.damaged, 1);
    assert_int_equal(result->labelled, 3 + 4);
    assert_non_null(strstr(labelling.heard, "all/a: offset "));
    end(&labelling);
}

static void test_a_rule_names_what_is_no_capture(void **state)
{
    (void)state;
    struct labelling labelling = {.pass = NULL};
    const struct label_pass_options options = options_for(&labelling);
    struct lcap_error error = {0};
    assert_int_equal(mkdir("named", 0777), 0);
    spill("named/text", "hello", 5);
    begin(&labelling, "FILE:text,x\n", "named", &options);
    assert_int_equal(label_pass_run(labelling.pass, &error), LCAP_ERR_FORMAT);
    assert_non_null(strstr(error.text, "named/text: not a capture"));
    end(&labelling);
}

static void test_giving_up_leaves_nothing(void **state)
{
    (void)state;
    unlink("out");
    write_capture("in", four, COUNT_OF(four));
    for (int dry = 0; dry < 2; dry++) {
        struct labelling labelling = {.pass = NULL};
        struct label_pass_options options = options_for(&labelling);
        options.dry_run = dry;
        begin(&labelling, "TS_START:0,all\n", "in", &options);
        assert_int_equal(label_pass_run(labelling.pass, NULL), 0);
        if (dry)
            assert_int_equal(label_pass_finish(labelling.pass, NULL), 0);
        assert_int_equal(label_pass_result(labelling.pass)->labelled, 4);
        end(&labelling);
        assert_int_equal(access("out", F_OK), -1);
    }
}

static void test_own_outputs_are_no_inputs(void **state)
{
    (void)state;
    struct labelling labelling = {.pass = NULL};
    struct label_pass_options options = options_for(&labelling);
    options.output = "own/out.pcapng";
    options.split_linktypes = true;
    assert_int_equal(mkdir("own", 0777), 0);
    write_capture("own/in", four, COUNT_OF(four));
    write_capture("own/out.pcapng", four, COUNT_OF(four));
    write_capture("own/out.ethernet.pcapng", four, COUNT_OF(four));
    assert_int_equal(label_pass_exclude_outputs(&labelling.sources, &options, NULL), 0);
    begin(&labelling, "TS_START:0,all\n", "own", &options);
    assert_int_equal(label_pass_run(labelling.pass, NULL), 0);
    assert_int_equal(label_pass_result(labelling.pass)->inputs.read, 1);
    end(&labelling);

    options.rules = options.output;
    assert_int_equal(label_pass_exclude_outputs(&labelling.sources, &options, NULL),
                     LCAP_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_rule_labels),
        cmocka_unit_test(test_unmatched_ones_are_kept_or_left_out),
        cmocka_unit_test(test_labels_that_are_there),
        cmocka_unit_test(test_inputs_of_every_kind),
        cmocka_unit_test(test_a_rule_names_what_is_no_capture),
        cmocka_unit_test(test_giving_up_leaves_nothing),
        cmocka_unit_test(test_own_outputs_are_no_inputs),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
