/* Bulks of both directions, by hand-made runs of packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/measure/bulk.h"

#define GAP 1000

struct both {
    struct bulk forward, backward;
};

static void forward(struct both *both, int64_t time, uint32_t payload)
{
    bulk_packet(&both->forward, &both->backward, time, payload, GAP);
}

static void backward(struct both *both, int64_t time, uint32_t payload)
{
    bulk_packet(&both->backward, &both->forward, time, payload, GAP);
}

static void assert_bulks(const struct bulk *bulk, uint32_t count, uint64_t packets, uint64_t bytes,
                         int64_t duration)
{
    assert_int_equal(bulk->count, count);
    assert_int_equal(bulk->packets, packets);
    assert_int_equal(bulk->bytes, bytes);
    assert_int_equal(bulk->duration, duration);
}

static void three_packets_are_no_bulk(void **state)
{
    (void)state;
    struct both both = {0};
    for (int i = 0; i < 3; i++)
        forward(&both, 10 * i, 100);
    assert_bulks(&both.forward, 0, 0, 0, 0);
}

static void the_fourth_makes_a_bulk_of_all_four(void **state)
{
    (void)state;
    struct both both = {0};
    for (uint32_t i = 0; i < 4; i++)
        forward(&both, 10 * i, 100 + i);
    assert_bulks(&both.forward, 1, 4, 406, 30);
    forward(&both, 130, 1);
    assert_bulks(&both.forward, 1, 5, 407, 130);
    assert_bulks(&both.backward, 0, 0, 0, 0);
}

/* A gap as long as GAP belongs to the run, a longer one ends it. */
static void gaps(void **state)
{
    (void)state;
    struct both both = {0};
    for (int i = 0; i < 4; i++)
        forward(&both, GAP * i, 1);
    assert_bulks(&both.forward, 1, 4, 4, 3 * GAP);
    forward(&both, 4 * GAP + 1, 1);
    for (int i = 1; i < 3; i++)
        forward(&both, 4 * GAP + 1 + i, 1);
    assert_bulks(&both.forward, 1, 4, 4, 3 * GAP);
    forward(&both, 4 * GAP + 4, 1);
    assert_bulks(&both.forward, 2, 8, 8, 3 * GAP + 3);
}

static void payload_of_the_other_direction_ends_a_run(void **state)
{
    (void)state;
    struct both both = {0};
    for (int i = 0; i < 3; i++)
        forward(&both, i, 1);
    backward(&both, 3, 1);
    forward(&both, 4, 1);
    assert_bulks(&both.forward, 0, 0, 0, 0);
    for (int i = 0; i < 3; i++)
        forward(&both, 5 + i, 1);
    assert_bulks(&both.forward, 1, 4, 4, 3);
    assert_bulks(&both.backward, 0, 0, 0, 0);
}

static void packets_without_payload_do_nothing(void **state)
{
    (void)state;
    struct both both = {0};
    for (int i = 0; i < 4; i++) {
        forward(&both, 10 * i, 5);
        backward(&both, 10 * i + 5, 0);
        forward(&both, 10 * i + 6, 0);
    }
    assert_bulks(&both.forward, 1, 4, 20, 30);
}

/* Times at the ends of what there is, as of packets without a time. */
static void far_times(void **state)
{
    (void)state;
    struct both both = {0};
    forward(&both, INT64_MIN, 1);
    for (int i = 0; i < 4; i++)
        forward(&both, INT64_MAX, 1);
    assert_bulks(&both.forward, 1, 4, 4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_packets_are_no_bulk),
        cmocka_unit_test(the_fourth_makes_a_bulk_of_all_four),
        cmocka_unit_test(gaps),
        cmocka_unit_test(payload_of_the_other_direction_ends_a_run),
        cmocka_unit_test(packets_without_payload_do_nothing),
        cmocka_unit_test(far_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
