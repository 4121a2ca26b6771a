/* Exact statistics: constants from CPython 3.11's fractions, statistics and decimal (80 digits). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/number/exact.h"
#include <math.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define MOST_VALUES     8

struct statistics {
    double mean, variance, deviation, skewness;
};

static const struct series {
    const char *name;
    int64_t values[MOST_VALUES];
    size_t count;
    uint64_t per;
    struct statistics expected;
} all_series[] = {
    {"one", {5}, 1, 1, {0x1.4000000000000p+2, 0x0.0p+0, 0x0.0p+0, NAN}},
    {"two",
     {1, 2},
     2,
     1,
     {0x1.8000000000000p+0, 0x1.0000000000000p-2, 0x1.0000000000000p-1, 0x0.0p+0}},
    {"small",
     {1, 2, 3, 4, 4, 9},
     6,
     1,
     {0x1.eaaaaaaaaaaabp+1, 0x1.9e38e38e38e39p+2, 0x1.45a3a2a482c84p+1, 0x1.190195ed74cb5p+0}},
    {"equal", {1460, 1460, 1460, 1460}, 4, 1, {0x1.6d00000000000p+10, 0x0.0p+0, 0x0.0p+0, NAN}},
    {"lengths",
     {60, 60, 1514, 1514, 54, 66, 590, 1514},
     8,
     1,
     {0x1.4fc0000000000p+9, 0x1.bb57b00000000p+18, 0x1.50e42659c6fc8p+9, 0x1.6fb547ae23771p-2}},
    {"offset",
     {1000000004, 1000000007, 1000000013, 1000000016},
     4,
     1,
     {0x1.dcd6505000000p+29, 0x1.6800000000000p+4, 0x1.2f9422c23c47ep+2, 0x0.0p+0}},
    {"offset in ns",
     {INT64_C(1499169172000000004), INT64_C(1499169172000000007), INT64_C(1499169172000000013),
      INT64_C(1499169172000000016)},
     4,
     1000000000,
     {0x1.656e065000000p+30, 0x1.9f0d3ef0faf29p-56, 0x1.45f710bceb3e7p-28, 0x0.0p+0}},
    {"gaps",
     {1, 999999999, INT64_C(59999999999), 123456789, 0},
     5,
     1000000000,
     {0x1.8730abee12bf3p+3, 0x1.1d6146ae402d5p+9, 0x1.7e3fd4411eef1p+4, 0x1.7fc40f67e4b2dp+0}},
    {"negative",
     {-5, -1, 3, -1000000007},
     4,
     1000,
     {-0x1.e8480051eb852p+17, 0x1.5d3ef7de50000p+37, 0x1.a6dd2d165e76fp+18, -0x1.279a74590331cp+0}},
    {"below zero",
     {-3, -2},
     2,
     1,
     {-0x1.4000000000000p+1, 0x1.0000000000000p-2, 0x1.0000000000000p-1, 0x0.0p+0}},
    {"extremes",
     {INT64_C(9223372036854775807), INT64_C(-9223372036854775807), INT64_C(9223372036854775807), 0,
      -1},
     5,
     1,
     {0x1.999999999999ap+60, 0x1.1eb851eb851ecp+125, 0x1.7f254dab9cc3bp+62, -0x1.5fde5700de55ap-2}},
    {"large",
     {INT64_C(9223372036854775807), INT64_C(9223372036854775806), INT64_C(9223372036854775805)},
     3,
     UINT64_C(4294967296),
     {0x1.0000000000000p+31, 0x1.5555555555555p-65, 0x1.a20bd700c2c3ep-33, 0x0.0p+0}},
    {"largest",
     {INT64_C(9223372036854775807), INT64_C(9223372036854775807), INT64_C(9223372036854775807),
      INT64_C(9223372036854775807)},
     4,
     1,
     {0x1.0000000000000p+63, 0x0.0p+0, 0x0.0p+0, NAN}},
    {"cancelled",
     {INT64_C(9223372036854775807), INT64_C(-9223372036854775807)},
     2,
     1000000000,
     {0x0.0p+0, 0x1.2725dd1d243acp+66, 0x1.12e0be826d695p+33, 0x0.0p+0}},
    {"rounded twice is wrong",
     {1165, 632, 160, 494, 1105},
     5,
     1,
     {0x1.639999999999ap+9, 0x1.189447ae147aep+17, 0x1.7b05414467e70p+8, -0x1.646049723b304p-4}},
    {"limit",
     {INT64_C(4398046511103), INT64_C(-4398046511104), INT64_C(8796093022207), 5},
     4,
     1000000,
     {0x1.0c6f7a0b5f3d8p+21, 0x1.5fd7fe1795ab0p+44, 0x1.2c1eb5ef1edc1p+22, -0x1.5775c545004e7p-41}},
};

/* Series of a linear congruential generator (Knuth's MMIX): the upper bits, behind an offset; odd
 * ones below it where `both_sides` is set. */
static const struct long_series {
    int count, bits;
    int64_t offset;
    bool both_sides;
    uint64_t per;
    struct statistics expected;
} all_long_series[] = {
    {10000,
     11,
     0,
     false,
     1,
     {0x1.00e5a36e2eb1cp+10, 0x1.51293945083d1p+18, 0x1.25ca87027c8dfp+9, -0x1.57e1a295fc1c5p-8}},
    {10000,
     36,
     0,
     false,
     1000000000,
     {0x1.13f9bd1c8b234p+5, 0x1.84ba035790698p+8, 0x1.3b755ad64fc2cp+4, -0x1.581e1930c6928p-8}},
    {3000,
     62,
     0,
     true,
     1000000000,
     {0x1.18199992b9b44p+25, 0x1.8e350b3bfba82p+62, 0x1.3f48361d7dd83p+31, -0x1.3457900211f94p-8}},
    {1000,
     3,
     INT64_C(1000000000000000000),
     false,
     1000000000,
     {0x1.dcd6500000000p+29, 0x1.84c7d24f73fbap-58, 0x1.3b7af521af32ep-29, -0x1.f9267c2635cb6p-6}},
    {777,
     63,
     0,
     true,
     1,
     {0x1.44c1ad6d0f103p+57, 0x1.5cc5f3b3f591ep+124, 0x1.2acebb998f045p+62, 0x1.33f5148688883p-6}},
};

static void assert_same(const char *name, const char *what, double value, double expected)
{
    if (isnan(expected) ? !isnan(value) : value != expected)
        fail_msg("%s: %s is %a, not %a", name, what, value, expected);
}

/* Means, variances and deviations to the last bit; skewness within one unit of it. */
static void assert_statistics(const char *name, const struct cubic_sums *sums, uint64_t per,
                              const struct statistics *expected)
{
    assert_same(name, "mean", series_mean(&sums->powers, per), expected->mean);
    assert_same(name, "variance", series_variance(&sums->powers, per), expected->variance);
    assert_same(name, "deviation", series_deviation(&sums->powers, per), expected->deviation);
    double skewness = series_skewness(sums);
    if (!(fabs(skewness - expected->skewness) <= 0x1p-52 * fabs(expected->skewness)))
        assert_same(name, "skewness", skewness, expected->skewness);
}

static struct cubic_sums sums_of(const int64_t *values, size_t count)
{
    struct cubic_sums sums = {0};
    for (size_t i = 0; i < count; i++)
        cubic_sums_add(&sums, values[i]);
    return sums;
}

static void short_series(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all_series); i++) {
        const struct series *series = &all_series[i];
        struct cubic_sums sums = sums_of(series->values, series->count);
        assert_statistics(series->name, &sums, series->per, &series->expected);
    }
}

static void long_series(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all_long_series); i++) {
        const struct long_series *series = &all_long_series[i];
        struct cubic_sums sums = {0};
        uint64_t random = 1;
        for (int j = 0; j < series->count; j++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            int64_t value = (int64_t)(random >> (64 - series->bits));
            bool below = series->both_sides && value % 2 == 1;
            cubic_sums_add(&sums, series->offset + (below ? -value : value));
        }
        assert_statistics("long series", &sums, series->per, &series->expected);
    }
}

static void assert_same_powers(const struct power_sums *a, const struct power_sums *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->min, b->min);
    assert_int_equal(a->max, b->max);
    assert_true(a->sum == b->sum);
    assert_memory_equal(a->squares, b->squares, sizeof a->squares);
    assert_int_equal(a->squares_top, b->squares_top);
}

static void sums_are_kept(void **state)
{
    (void)state;
    struct power_sums sums = {0};
    power_sums_add(&sums, -7);
    assert_int_equal(sums.min, -7);
    assert_int_equal(sums.max, -7);
    power_sums_add(&sums, -9);
    power_sums_add(&sums, -8);
    assert_int_equal(sums.count, 3);
    assert_int_equal(sums.min, -9);
    assert_int_equal(sums.max, -7);
    assert_true(sums.sum == -24);
    assert_int_equal(sums.squares[0], 49 + 81 + 64);
}

/* All carries, at their limits: (2^63 - 1)^2 a billion times is 2^156 in size. */
static void many_large_values(void **state)
{
    (void)state;
    struct cubic_sums sums = {0};
    cubic_sums_add(&sums, INT64_MAX);
    for (int i = 0; i < 30; i++)
        sums = cubic_sums_merge(&sums, &sums);
    assert_int_equal(sums.powers.count, 1 << 30);
    assert_true(sums.powers.sum == (int128)INT64_MAX << 30);
    /* (2^126 - 2^64 + 1) * 2^30, and (2^189 - 3 * 2^126 + 3 * 2^63 - 1) * 2^30 */
    assert_int_equal(sums.powers.squares[0], 1 << 30);
    assert_true(sums.powers.squares[1] == UINT64_MAX - (1 << 30) + 1);
    assert_int_equal(sums.powers.squares_top, (1 << 28) - 1);
    assert_true(sums.cubes[0] == -((uint64_t)1 << 30));
    assert_statistics("large values", &sums, 1, &(struct statistics){0x1p63, 0, 0, NAN});
    struct cubic_sums negative = {0};
    cubic_sums_add(&negative, -INT64_MAX);
    for (int i = 0; i < 30; i++)
        negative = cubic_sums_merge(&negative, &negative);
    struct cubic_sums both = cubic_sums_merge(&sums, &negative);
    assert_true(both.powers.sum == 0);
    static const uint64_t zero[4];
    assert_memory_equal(both.cubes, zero, sizeof zero);
    assert_statistics("both signs", &both, 1, &(struct statistics){0, 0x1p126, 0x1p63, 0});
}

/* Both halves of a series merged are the series, wherever it is cut. */
static void merging(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all_series); i++) {
        const struct series *series = &all_series[i];
        struct cubic_sums whole = sums_of(series->values, series->count);
        for (size_t cut = 0; cut <= series->count; cut++) {
            struct cubic_sums a = sums_of(series->values, cut);
            struct cubic_sums b = sums_of(series->values + cut, series->count - cut);
            struct cubic_sums merged = cubic_sums_merge(&a, &b);
            assert_same_powers(&merged.powers, &whole.powers);
            assert_memory_equal(merged.cubes, whole.cubes, sizeof whole.cubes);
            struct power_sums powers = power_sums_merge(&a.powers, &b.powers);
            assert_same_powers(&powers, &whole.powers);
        }
    }
}

/* A large common offset changes nothing but the mean. */
static void no_cancellation(void **state)
{
    (void)state;
    static const int64_t offsets[] = {0, 1000000000, -1000000000, INT64_MAX / 2, -INT64_MAX / 2};
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        struct cubic_sums sums = {0};
        for (int64_t value = 0; value < 1000; value++)
            cubic_sums_add(&sums, offsets[i] + value * value % 101);
        double variance = series_variance(&sums.powers, 1);
        struct cubic_sums plain = {0};
        for (int64_t value = 0; value < 1000; value++)
            cubic_sums_add(&plain, value * value % 101);
        assert_same("offset", "variance", variance, series_variance(&plain.powers, 1));
        assert_same("offset", "skewness", series_skewness(&sums), series_skewness(&plain));
    }
}

static void empty_series(void **state)
{
    (void)state;
    static const struct cubic_sums empty;
    assert_statistics("empty", &empty, 1, &(struct statistics){NAN, NAN, NAN, NAN});
    assert_statistics("empty", &empty, 1000, &(struct statistics){NAN, NAN, NAN, NAN});
}

static void ratios(void **state)
{
    (void)state;
    static const struct {
        uint64_t a, b;
        double ratio;
    } cases[] = {
        {UINT64_C(0), UINT64_C(5), 0x0.0p+0},
        {UINT64_C(1), UINT64_C(3), 0x1.5555555555555p-2},
        {UINT64_C(2), UINT64_C(3), 0x1.5555555555555p-1},
        {UINT64_C(10), UINT64_C(4), 0x1.4000000000000p+1},
        {UINT64_C(18446744073709551615), UINT64_C(1), 0x1.0000000000000p+64},
        {UINT64_C(18446744073709551615), UINT64_C(3), 0x1.5555555555555p+62},
        {UINT64_C(18446744073709551615), UINT64_C(18446744073709551614), 0x1.0000000000000p+0},
        {UINT64_C(1), UINT64_C(18446744073709551615), 0x1.0000000000000p-64},
        {UINT64_C(9007199254740993), UINT64_C(1), 0x1.0000000000000p+53},
        {UINT64_C(9007199254740995), UINT64_C(1), 0x1.0000000000002p+53},
        {UINT64_C(18014398509481986), UINT64_C(2), 0x1.0000000000000p+53},
        {UINT64_C(9223372036854776832), UINT64_C(1), 0x1.0000000000000p+63},
        {UINT64_C(9223372036854776833), UINT64_C(1), 0x1.0000000000001p+63},
        {UINT64_C(10000000000000000000), UINT64_C(7), 0x1.3d34e253845b7p+60},
        {UINT64_C(27021597764222979), UINT64_C(3), 0x1.0000000000000p+53},
        {UINT64_C(9007199254740992), UINT64_C(9007199254740991), 0x1.0000000000001p+0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_same("ratio", "it", exact_ratio(cases[i].a, cases[i].b), cases[i].ratio);
    assert_true(isnan(exact_ratio(0, 0)));
    assert_true(isnan(exact_ratio(1, 0)));
}

static void rates(void **state)
{
    (void)state;
    static const struct {
        uint64_t amount;
        int64_t duration;
        uint64_t per;
        double rate;
    } cases[] = {
        {UINT64_C(1500), INT64_C(3000000000), UINT64_C(1000000000), 0x1.f400000000000p+8},
        {UINT64_C(1), INT64_C(1), UINT64_C(1000000000), 0x1.dcd6500000000p+29},
        {UINT64_C(18446744073709551615), INT64_C(1), UINT64_C(4294967296), 0x1.0000000000000p+96},
        {UINT64_C(18446744073709551615), INT64_C(9223372036854775807), UINT64_C(1000000000),
         0x1.dcd6500000000p+30},
        {UINT64_C(123456789), INT64_C(987654321987), UINT64_C(1000000000), 0x1.e847ffad29f09p+16},
        {UINT64_C(7), INT64_C(3), UINT64_C(1), 0x1.2aaaaaaaaaaabp+1},
        {UINT64_C(0), INT64_C(5), UINT64_C(1000000000), 0x0.0p+0},
        {UINT64_C(1), INT64_C(9223372036854775807), UINT64_C(1), 0x1.0000000000000p-63},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_same("rate", "it", exact_rate(cases[i].amount, cases[i].duration, cases[i].per),
                    cases[i].rate);
    assert_true(isnan(exact_rate(1, 0, 1)));
    assert_true(isnan(exact_rate(1, -5, 1)));
}

/* A flow holds many. */
static void size_of_sums(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct power_sums), 56);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_series),  cmocka_unit_test(long_series),
        cmocka_unit_test(sums_are_kept), cmocka_unit_test(many_large_values),
        cmocka_unit_test(merging),       cmocka_unit_test(no_cancellation),
        cmocka_unit_test(empty_series),  cmocka_unit_test(ratios),
        cmocka_unit_test(rates),         cmocka_unit_test(size_of_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
