/* Numbers to text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number/number.h"
#include "scratch.h"
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>

static uint64_t state_of_random = 1;

/* xorshift64 (Marsaglia 2003). */
static uint64_t next_random(void)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return state_of_random;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Finite: of any bits, or such as are met in tables. */
static double random_real(void)
{
    static const double units[] = {1, 2, 8, 10, 1000, 1024, 1e6, 1e9};
    uint64_t bits = next_random();
    double value = from_bits(bits);
    switch (next_random() % 5) {
    case 0:
        value = (double)(bits % 100000000) / units[bits >> 61];
        break;
    case 1:
        value = (double)(bits >> (bits & 63));
        break;
    case 2:
        value = (double)(bits >> 11) * 0x1p-53 * units[bits & 7];
        break;
    case 3:
        value = from_bits(bits >> (12 + bits % 52)); /* subnormal */
        break;
    default:
        break;
    }
    return isfinite(value) ? value : 1;
}

static void assert_real(double value, const char *expected)
{
    char text[NUMBER_TEXT];
    size_t len = number_from_real(value, text);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
}

static void integers(void **state)
{
    (void)state;
    char text[NUMBER_TEXT], expected[NUMBER_TEXT];
    for (int i = 0; i < 20000; i++) {
        uint64_t value = i < 12000 ? (uint64_t)i : next_random() >> (next_random() % 64);
        snprintf(expected, sizeof expected, "%" PRIu64, value);
        assert_int_equal(number_from_unsigned(value, text), strlen(expected));
        assert_string_equal(text, expected);
        snprintf(expected, sizeof expected, "%" PRId64, -(int64_t)(value / 2));
        assert_int_equal(number_from_signed(-(int64_t)(value / 2), text), strlen(expected));
        assert_string_equal(text, expected);
    }
    for (uint64_t power = 1, digits = 1; digits <= 20; power *= 10, digits++) {
        assert_int_equal(number_from_unsigned(power, text), digits);
        snprintf(expected, sizeof expected, "%" PRIu64, power);
        assert_string_equal(text, expected);
        number_from_unsigned(power - 1, text);
        snprintf(expected, sizeof expected, "%" PRIu64, power - 1);
        assert_string_equal(text, expected);
    }
    number_from_unsigned(UINT64_MAX, text);
    assert_string_equal(text, "18446744073709551615");
    number_from_signed(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808");
    number_from_signed(INT64_MAX, text);
    assert_string_equal(text, "9223372036854775807");
}

static void nanoseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {1, "0.000000001"},
        {-1, "-0.000000001"},
        {1500000000, "1.5"},
        {60000000000, "60.0"},
        {-60010000000, "-60.01"},
        {999999999, "0.999999999"},
        {1000000000, "1.0"},
        {100000000, "0.1"},
        {1499169172838272000, "1499169172.838272"},
        {INT64_MAX, "9223372036.854775807"},
        {INT64_MIN, "-9223372036.854775808"},
    };
    char text[NUMBER_TEXT];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(number_from_ns(cases[i].ns, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

/* Texts: repr() of CPython 3.11. */
static void reals_as_python(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {5e-324, "5e-324"},
        {1e-323, "1e-323"},
        {1.5e-323, "1.5e-323"},
        {2.225073858507201e-308, "2.225073858507201e-308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-1.7976931348623157e308, "-1.7976931348623157e+308"},
        {9007199254740991.0, "9007199254740991.0"},
        {9007199254740993.0, "9007199254740992.0"},
        {9007199254740994.0, "9007199254740994.0"},
        {9999999999999998.0, "9999999999999998.0"},
        {1e16, "1e+16"},
        {1.2345678901234567e16, "1.2345678901234568e+16"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {9.5e-05, "9.5e-05"},
        {0.0001, "0.0001"},
        {0.00012345, "0.00012345"},
        {1e-05, "1e-05"},
        {1e-09, "1e-09"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {123.0, "123.0"},
        {1500.5, "1500.5"},
        {-2.5, "-2.5"},
        {3.141592653589793, "3.141592653589793"},
        {1e15, "1000000000000000.0"},
        {123456789012345.6, "123456789012345.6"},
        {4503599627370495.5, "4503599627370495.5"},
        {2251799813685248.25, "2251799813685248.0"},
        {8.41e21, "8.41e+21"},
        {1.8446744073709552e19, "1.8446744073709552e+19"},
        {4.35e-320, "4.35e-320"},
        {1e100, "1e+100"},
        {1.0000000000000002, "1.0000000000000002"},
        {0.9999999999999999, "0.9999999999999999"},
        {6.02214076e23, "6.02214076e+23"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_real(cases[i].value, cases[i].text);
    assert_real(0.0, "0.0");
    assert_real(-0.0, "-0.0");
    assert_real(INFINITY, "inf");
    assert_real(-INFINITY, "-inf");
    assert_real(NAN, "nan");
    assert_real(-NAN, "nan");
}

/* The neighbours of 2^k, and 2^k, whose lower neighbour is nearer than the upper one. Texts:
 * CPython 3.11. */
static void around_powers_of_two(void **state)
{
    (void)state;
    static const struct {
        int exponent;
        const char *below, *power, *above;
    } cases[] = {
        {-1074, "0.0", "5e-324", "1e-323"},
        {-1073, "5e-324", "1e-323", "1.5e-323"},
        {-1050, "8.2890456e-317", "8.289046e-317", "8.2890466e-317"},
        {-1023, "1.1125369292536e-308", "1.1125369292536007e-308", "1.112536929253601e-308"},
        {-1022, "2.225073858507201e-308", "2.2250738585072014e-308", "2.225073858507202e-308"},
        {-1021, "4.4501477170144023e-308", "4.450147717014403e-308", "4.450147717014404e-308"},
        {-500, "3.0549363634996043e-151", "3.054936363499605e-151", "3.0549363634996054e-151"},
        {-100, "7.888609052210117e-31", "7.888609052210118e-31", "7.88860905221012e-31"},
        {-64, "5.4210108624275216e-20", "5.421010862427522e-20", "5.421010862427523e-20"},
        {-54, "5.551115123125782e-17", "5.551115123125783e-17", "5.551115123125784e-17"},
        {-44, "5.684341886080801e-14", "5.684341886080802e-14", "5.684341886080803e-14"},
        {-20, "9.536743164062499e-07", "9.5367431640625e-07", "9.536743164062502e-07"},
        {-14, "6.103515624999999e-05", "6.103515625e-05", "6.103515625000001e-05"},
        {-13, "0.00012207031249999999", "0.0001220703125", "0.00012207031250000003"},
        {-10, "0.0009765624999999999", "0.0009765625", "0.0009765625000000002"},
        {-1, "0.49999999999999994", "0.5", "0.5000000000000001"},
        {0, "0.9999999999999999", "1.0", "1.0000000000000002"},
        {10, "1023.9999999999999", "1024.0", "1024.0000000000002"},
        {52, "4503599627370495.5", "4503599627370496.0", "4503599627370497.0"},
        {53, "9007199254740991.0", "9007199254740992.0", "9007199254740994.0"},
        {54, "1.8014398509481982e+16", "1.8014398509481984e+16", "1.8014398509481988e+16"},
        {63, "9.223372036854775e+18", "9.223372036854776e+18", "9.223372036854778e+18"},
        {64, "1.844674407370955e+19", "1.8446744073709552e+19", "1.8446744073709556e+19"},
        {100, "1.2676506002282293e+30", "1.2676506002282294e+30", "1.2676506002282297e+30"},
        {500, "3.2733906078961415e+150", "3.273390607896142e+150", "3.2733906078961426e+150"},
        {971, "1.9958403095347196e+292", "1.99584030953472e+292", "1.9958403095347203e+292"},
        {1000, "1.0715086071862672e+301", "1.0715086071862673e+301", "1.0715086071862676e+301"},
        {1023, "8.988465674311579e+307", "8.98846567431158e+307", "8.988465674311582e+307"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double power = ldexp(1, cases[i].exponent);
        assert_real(nextafter(power, 0), cases[i].below);
        assert_real(power, cases[i].power);
        assert_real(nextafter(power, INFINITY), cases[i].above);
    }
    for (int exponent = -1074; exponent <= 1023; exponent++) {
        char text[NUMBER_TEXT];
        number_from_real(ldexp(1, exponent), text);
        assert_true(strtod(text, NULL) == ldexp(1, exponent));
    }
}

/* "1e-9" of a power of ten is the text of the double that strtod() makes of it. */
static void powers_of_ten(void **state)
{
    (void)state;
    char text[NUMBER_TEXT];
    for (int e = -323; e <= 308; e++) {
        snprintf(text, sizeof text, "1e%+03d", e);
        double value = strtod(text, NULL);
        if (e >= -4 && e < 16)
            snprintf(text, sizeof text, "%.*f", e < 0 ? -e : 1, value);
        assert_real(value, text);
    }
}

/* The digits from the first that is not 0 to the last, without point and exponent. */
static size_t significant_digits(const char *text, char *digits)
{
    size_t count = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    }
    while (count > 0 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    return count;
}

/* They give the double back, one digit less does not, and no text as long is nearer. */
static void reals_are_shortest(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double value = random_real();
        char text[NUMBER_TEXT], digits[NUMBER_TEXT], other[NUMBER_TEXT], nearest[NUMBER_TEXT];
        number_from_real(value, text);
        if (strtod(text, NULL) != value)
            fail_msg("%a was written as %s", value, text);
        int count = (int)significant_digits(text, digits);
        if (count == 0) {
            assert_true(value == 0);
            continue;
        }
        snprintf(other, sizeof other, "%.*e", count - 1, value);
        significant_digits(other, nearest);
        if (strcmp(digits, nearest) != 0)
            fail_msg("%a was written as %s, but %s is nearer", value, text, other);
        if (count > 1) {
            snprintf(other, sizeof other, "%.*e", count - 2, value);
            if (strtod(other, NULL) == value)
                fail_msg("%a was written as %s, but %s is shorter", value, text, other);
        }
    }
}

static void assert_format(double value, char conversion, unsigned precision)
{
    const char *formats[] = {['f'] = "%.*f", ['e'] = "%.*e", ['g'] = "%.*g"};
    struct number_format format = {.conversion = conversion, .precision = (uint8_t)precision};
    char text[NUMBER_TEXT], expected[NUMBER_TEXT];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = snprintf(expected, sizeof expected, formats[(unsigned char)conversion],
                       (int)precision, value);
#pragma GCC diagnostic pop
    if (number_in_format(value, format, text) != (size_t)len || strcmp(text, expected) != 0)
        fail_msg("%a in .%u%c: %s instead of %s", value, precision, conversion, text, expected);
}

static void formats_as_printf(void **state)
{
    (void)state;
    for (int i = 0; i < 60000; i++) {
        double value = next_random() % 2 ? random_real() : -random_real();
        unsigned precision = (unsigned)(next_random() % (next_random() % 4 ? 18 : 31));
        assert_format(value, "feg"[next_random() % 3], precision);
    }
}

/* Halves of the last place go to the even digit, by the binary value: 0.125 is a half, 1.005 is
 * not. Also what lies at the limits of the fast ways. */
static void rounding(void **state)
{
    (void)state;
    static const double values[] = {
        0,
        -0.0,
        0.5,
        1.5,
        2.5,
        0.125,
        0.375,
        1.005,
        2.675,
        -0.5,
        0.05,
        9.5,
        99.5,
        9.9995,
        999.5,
        1e15,
        0x1p52,
        0x1p53,
        0x1p63,
        0x1p64,
        1e19,
        1e22,
        1e23,
        1e300,
        DBL_MAX,
        5e-324,
        DBL_MIN,
        0x1p-20,
        0x1p-65,
        0x1p-121,
        0.0625,
        1e-5,
        0.00095,
        9.99e-5,
        0.1,
        123456,
        999999.5,
        1234567.5,
        8388608.5,
        0x1.fffffffffffffp+63,
        0x1.fffffffffffffp-1,
        0x1.fffffffffffffp+51,
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        for (unsigned precision = 0; precision <= 30; precision++) {
            assert_format(values[i], 'f', precision);
            assert_format(values[i], 'e', precision);
            assert_format(-values[i], 'g', precision);
        }
    }
}

static void formats_by_hand(void **state)
{
    (void)state;
    char text[NUMBER_TEXT];
    number_in_format(0.125, (struct number_format){'f', 2}, text);
    assert_string_equal(text, "0.12");
    number_in_format(-NAN, (struct number_format){'f', 2}, text);
    assert_string_equal(text, "nan");
    number_in_format(-INFINITY, (struct number_format){'g', 2}, text);
    assert_string_equal(text, "-inf");
    number_in_format(0.1, (struct number_format){0}, text);
    assert_string_equal(text, "0.1");
}

static void formats_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct number_format format;
    } good[] = {
        {".4f", {'f', 4}},   {".17g", {'g', 17}}, {".6e", {'e', 6}}, {".0f", {'f', 0}},
        {".30f", {'f', 30}}, {"f", {'f', 6}},     {"e", {'e', 6}},   {"g", {'g', 6}},
    };
    struct number_format format;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(number_format_parse(good[i].text, &format, NULL), 0);
        assert_int_equal(format.conversion, good[i].format.conversion);
        assert_int_equal(format.precision, good[i].format.precision);
    }
    static const char *const bad[] = {
        "",     ".",    ".f",   ".31f", ".4",   "4f",    ".4F",  ".4d",          " .4f",
        ".4f ", ".4ff", "%.4f", ".-1f", ".+1f", ".4.4f", "0.4f", ".4294967298f", ".99999999999999f",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct lcap_error error = {0};
        assert_int_equal(number_format_parse(bad[i], &format, &error), LCAP_ERR_ARGUMENT);
        assert_non_null(strstr(error.text, "such as .4f"));
        assert_non_null(strstr(error.text, bad[i]));
    }
}

/* A locale with a decimal comma changes nothing. Such a one is made, as few machines have it. */
static void any_locale(void **state)
{
    (void)state;
    char text[NUMBER_TEXT];
    if (system("localedef -c -i de_DE -f ISO-8859-1 ./comma >log 2>&1") != 0)
        skip();
    assert_int_equal(setenv("LOCPATH", scratch_path, 1), 0);
    assert_non_null(setlocale(LC_ALL, "comma"));
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5");
    number_from_real(0.5, text);
    assert_string_equal(text, "0.5");
    number_in_format(-0.5, (struct number_format){'f', 3}, text);
    assert_string_equal(text, "-0.500");
    assert_int_equal(number_in_format(-0.5, (struct number_format){'f', 22}, text), 25);
    assert_string_equal(text, "-0.5000000000000000000000");
    number_in_format(1e300, (struct number_format){'e', 20}, text);
    assert_string_equal(text, "1.00000000000000005250e+300");
    number_in_format(2.5e-10, (struct number_format){'g', 25}, text);
    assert_string_equal(text, "2.500000000000000155703979e-10");
    assert_non_null(setlocale(LC_ALL, "C"));
    assert_int_equal(unsetenv("LOCPATH"), 0);
}

static void *print_one(void *text)
{
    number_from_real(1e-7 / 3, text);
    return NULL;
}

static void threads_print_at_once(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    char texts[THREADS][NUMBER_TEXT];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, print_one, texts[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_string_equal(texts[i], "3.3333333333333334e-08");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_print_at_once), /* first, while the table is not made */
        cmocka_unit_test(integers),
        cmocka_unit_test(nanoseconds),
        cmocka_unit_test(reals_as_python),
        cmocka_unit_test(around_powers_of_two),
        cmocka_unit_test(powers_of_ten),
        cmocka_unit_test(reals_are_shortest),
        cmocka_unit_test(formats_as_printf),
        cmocka_unit_test(rounding),
        cmocka_unit_test(formats_by_hand),
        cmocka_unit_test(formats_are_parsed),
        cmocka_unit_test_setup_teardown(any_locale, scratch_enter, scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
