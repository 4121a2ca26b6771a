/* Timestamps of any resolution: exact, rounded down, held at the ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/timestamp.h"

static int64_t to_ns(uint8_t tsresol, int64_t tsoffset, uint64_t timestamp)
{
    struct time_scale scale = time_scale_make(tsresol, tsoffset, 0);
    return time_scale_to_ns(&scale, timestamp);
}

static int64_t to_ns_with_offset_ns(uint8_t tsresol, int64_t tsoffset, int32_t tsoffset_ns,
                                    uint64_t timestamp)
{
    struct time_scale scale = time_scale_make(tsresol, tsoffset, tsoffset_ns);
    return time_scale_to_ns(&scale, timestamp);
}

static void takes_powers_of_ten(void **state)
{
    (void)state;
    assert_true(to_ns(0, 0, 1500000000) == 1500000000000000000);
    assert_true(to_ns(3, 0, 1500000000123) == 1500000000123000000);
    assert_true(to_ns(6, 0, 1500000000123456) == 1500000000123456000);
    assert_true(to_ns(9, 0, 1500000000123456789) == 1500000000123456789);
    assert_true(to_ns(10, 0, 15000000001234567899u) == 1500000000123456789);
    assert_true(to_ns(12, 1332169969, 950823000999) == 1332169969950823000);
    assert_true(to_ns(19, 0, UINT64_MAX) == 1844674407); /* 1.844… s */
    assert_true(to_ns(28, 0, UINT64_MAX) == 1);
    assert_true(to_ns(29, 0, UINT64_MAX) == 0);
    assert_true(to_ns(127, 5, UINT64_MAX) == 5000000000);
}

static void takes_powers_of_two(void **state)
{
    (void)state;
    assert_true(to_ns(0x80, 0, 1500000000) == 1500000000000000000);
    assert_true(to_ns(0x80 | 1, 0, 3) == 1500000000);
    assert_true(to_ns(0x80 | 20, 0, 1) == 953); /* 953.67 */
    assert_true(to_ns(0x80 | 30, 0, 1073741823) == 999999999);
    assert_true(to_ns(0x80 | 32, 0, UINT64_MAX) == 4294967295999999999);
    assert_true(to_ns(0x80 | 64, 0, UINT64_MAX) == 999999999);
    assert_true(to_ns(0x80 | 93, 0, UINT64_MAX) == 1); /* 2^64 · 10^9 / 2^93 = 1.86 */
    assert_true(to_ns(0x80 | 94, 0, UINT64_MAX) == 0);
    assert_true(to_ns(0xff, -1, UINT64_MAX) == -1000000000);
}

static void adds_offsets(void **state)
{
    (void)state;
    assert_true(to_ns(6, -1, 0) == -1000000000);
    assert_true(to_ns(6, -1, 1) == -999999000);
    assert_true(to_ns(9, 1, 1) == 1000000001);
    assert_true(to_ns(12, -1, 1) == -1000000000); /* down to the nanosecond, below 0 too */
    assert_true(to_ns(12, -1, 1001) == -999999999);
    /* Either part alone would overflow; together they are in range. */
    assert_true(to_ns(0, -17179869180, 17179869187) == 7000000000);
    assert_true(to_ns(6, -18446744073709, UINT64_MAX) == 551615000);
}

static void holds_at_the_ends(void **state)
{
    (void)state;
    assert_true(to_ns(0, 0, UINT64_MAX) == INT64_MAX);
    assert_true(to_ns(6, 0, UINT64_MAX) == INT64_MAX);
    assert_true(to_ns(9, 0, UINT64_MAX) == INT64_MAX);
    assert_true(to_ns(9, 0, INT64_MAX) == INT64_MAX);
    assert_true(to_ns(9, INT64_MAX, UINT64_MAX) == INT64_MAX);
    assert_true(to_ns(0x80, INT64_MAX, UINT64_MAX) == INT64_MAX);
    assert_true(to_ns(6, INT64_MIN, 0) == INT64_MIN);
    assert_true(to_ns(0x80 | 127, INT64_MIN, UINT64_MAX) == INT64_MIN);
    assert_true(to_ns(9, -9223372036, 0) == -9223372036000000000);
    assert_true(to_ns(9, -9223372037, 145224192) == INT64_MIN);
    assert_true(to_ns(9, -9223372037, 145224191) == INT64_MIN);
    assert_true(to_ns(9, -9223372037, 145224193) == INT64_MIN + 1);
}

/* Every resolution against the sum by long division, one decimal digit after the other. */
static uint64_t units_by_long_division(uint8_t exponent, uint64_t timestamp)
{
    for (int i = exponent; i > 9; i--)
        timestamp /= 10;
    return timestamp;
}

static void takes_every_resolution(void **state)
{
    (void)state;
    for (unsigned exponent = 9; exponent < 128; exponent++)
        assert_true(to_ns((uint8_t)exponent, 0, INT64_MAX) ==
                    (int64_t)units_by_long_division((uint8_t)exponent, INT64_MAX));
    int64_t before = INT64_MAX;
    for (unsigned tsresol = 0x80; tsresol <= 0xff; tsresol++) {
        int64_t now = to_ns((uint8_t)tsresol, 0, 4000000000);
        assert_true(now == before / 2 || tsresol == 0x80);
        before = now;
    }
}

static void adds_offsets_in_nanoseconds(void **state)
{
    (void)state;
    assert_true(to_ns_with_offset_ns(6, 2, 999999999, 1) == 3000000999);
    assert_true(to_ns_with_offset_ns(6, 0, -1, 0) == -1);
    assert_true(to_ns_with_offset_ns(12, 1, -7, 1999) == 999999994); /* 1.999 ns rounded down */
    assert_true(to_ns_with_offset_ns(9, 0, 1, INT64_MAX) == INT64_MAX);
    assert_true(to_ns_with_offset_ns(9, 0, -1, (uint64_t)INT64_MAX + 1) == INT64_MAX);
    assert_true(to_ns_with_offset_ns(9, -9223372037, -1, 145224192) == INT64_MIN);
    assert_true(to_ns_with_offset_ns(9, -9223372037, 1, 145224191) == INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_powers_of_ten),    cmocka_unit_test(takes_powers_of_two),
        cmocka_unit_test(adds_offsets),           cmocka_unit_test(holds_at_the_ends),
        cmocka_unit_test(takes_every_resolution), cmocka_unit_test(adds_offsets_in_nanoseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
