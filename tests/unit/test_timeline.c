/* Timelines against the plain search through the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "label/rules_internal.h"
#include "label/timeline.h"
#include "random_traffic.h"

#define MOST 40

/* Rules put together by hand: only their windows matter here. */
struct windows {
    struct lcap_rule items[MOST];
    struct lcap_rules rules;
    uint32_t indices[MOST];
};

static void add(struct windows *w, int64_t start, int64_t end)
{
    size_t n = w->rules.count++;
    assert_true(n < MOST);
    w->rules.items = w->items;
    w->indices[n] = (uint32_t)n;
    w->items[n] = (struct lcap_rule){
        .start_ns = start,
        .end_ns = end,
        .has_window = start != INT64_MIN || end != INT64_MAX,
    };
}

static uint32_t plain(const struct windows *w, const struct lcap_packet *packet)
{
    for (uint32_t i = 0; i < w->rules.count; i++) {
        const struct lcap_rule *rule = &w->items[i];
        if (!rule->has_window || (packet->has_time && packet->time_ns >= rule->start_ns &&
                                  packet->time_ns <= rule->end_ns))
            return i;
    }
    return NO_RULE;
}

static uint32_t at(struct timeline *timeline, int64_t time_ns)
{
    struct lcap_packet packet = {.has_time = true, .time_ns = time_ns};
    return timeline_rule(timeline, &packet);
}

static uint32_t untimed(struct timeline *timeline)
{
    struct lcap_packet packet = {.has_time = false, .time_ns = INT64_MIN};
    return timeline_rule(timeline, &packet);
}

static struct timeline make(struct windows *w)
{
    struct timeline timeline;
    assert_int_equal(timeline_init(&timeline, &w->rules, w->indices, w->rules.count, NULL), 0);
    return timeline;
}

static void no_window(void **state)
{
    (void)state;
    struct windows w = {.rules = {.count = 0}};
    add(&w, INT64_MIN, INT64_MAX);
    struct timeline t = make(&w);
    assert_int_equal(at(&t, INT64_MIN), 0);
    assert_int_equal(at(&t, 0), 0);
    assert_int_equal(at(&t, INT64_MAX), 0);
    assert_int_equal(untimed(&t), 0);
    timeline_release(&t);
}

static void both_ends_belong_to_a_window(void **state)
{
    (void)state;
    struct windows w = {.rules = {.count = 0}};
    add(&w, 10, 20);
    struct timeline t = make(&w);
    assert_int_equal(at(&t, 9), NO_RULE);
    assert_int_equal(at(&t, 10), 0);
    assert_int_equal(at(&t, 20), 0);
    assert_int_equal(at(&t, 21), NO_RULE);
    assert_int_equal(untimed(&t), NO_RULE);
    timeline_release(&t);
}

static void the_first_in_file_order_wins(void **state)
{
    (void)state;
    struct windows w = {.rules = {.count = 0}};
    add(&w, 10, 20);
    add(&w, 0, 15);
    add(&w, 12, INT64_MAX);
    add(&w, INT64_MIN, INT64_MAX);
    add(&w, 0, 100); /* never reached */
    struct timeline t = make(&w);
    static const struct {
        int64_t time;
        uint32_t rule;
    } cases[] = {{-1, 3}, {0, 1},         {9, 1},         {10, 0}, {15, 0}, {20, 0},
                 {21, 2}, {INT64_MAX, 2}, {INT64_MIN, 3}, {5, 1},  {21, 2}, {20, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(at(&t, cases[i].time), cases[i].rule);
    assert_int_equal(untimed(&t), 3);
    timeline_release(&t);
}

static void open_windows_at_the_ends_of_time(void **state)
{
    (void)state;
    struct windows w = {.rules = {.count = 0}};
    add(&w, INT64_MIN, 0); /* TS_END alone */
    add(&w, 5, INT64_MAX); /* TS_START alone */
    struct timeline t = make(&w);
    assert_int_equal(at(&t, INT64_MIN), 0);
    assert_int_equal(at(&t, 0), 0);
    assert_int_equal(at(&t, 1), NO_RULE);
    assert_int_equal(at(&t, 5), 1);
    assert_int_equal(at(&t, INT64_MAX), 1);
    assert_int_equal(untimed(&t), NO_RULE);
    timeline_release(&t);
}

static void random_windows(void **state)
{
    (void)state;
    struct random r = {.state = 3};
    for (int round = 0; round < 2000; round++) {
        struct windows w = {.rules = {.count = 0}};
        for (uint32_t n = 1 + random_below(&r, MOST - 1); n > 0; n--) {
            int64_t start = random_below(&r, 60);
            if (random_below(&r, 30) == 0)
                add(&w, INT64_MIN, INT64_MAX);
            else
                add(&w, random_below(&r, 10) ? start : INT64_MIN,
                    random_below(&r, 10) ? start + random_below(&r, 15) : INT64_MAX);
        }
        struct timeline t = make(&w);
        for (int i = 0; i < 100; i++) {
            struct lcap_packet packet = {.has_time = random_below(&r, 20) != 0,
                                         .time_ns = (int64_t)random_below(&r, 80) - 5};
            assert_int_equal(timeline_rule(&t, &packet), plain(&w, &packet));
        }
        timeline_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_window),
        cmocka_unit_test(both_ends_belong_to_a_window),
        cmocka_unit_test(the_first_in_file_order_wins),
        cmocka_unit_test(open_windows_at_the_ends_of_time),
        cmocka_unit_test(random_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
