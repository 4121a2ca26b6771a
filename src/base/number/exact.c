/* Means, variances and ratios: exact numerators and denominators, divided and rounded once. */
#include "base/number/exact.h"

#include "base/number/exact_wide.h"
#include <math.h>
#include <string.h>

/* Integers that fit doubles exactly, so that one division of doubles rounds their quotient once. */
#define EXACT_IN_DOUBLE ((uint64_t)1 << 53)

/* numerator / denominator = (bits + a remainder below 1, if inexact) * 2^exponent */
struct quotient {
    uint128 bits; /* 125 to 127 of them */
    bool inexact;
    int exponent; /* even */
};

static int bit_length(const struct wide *value)
{
    for (int i = WIDE_WORDS - 1; i >= 0; i--) {
        if (value->words[i] != 0)
            return 64 * i + 64 - __builtin_clzll(value->words[i]);
    }
    return 0;
}

static struct wide shift_left(const struct wide *value, int shift)
{
    struct wide shifted = {{0}};
    int words = shift / 64, bits = shift % 64;
    for (int i = words; i < WIDE_WORDS; i++) {
        shifted.words[i] = value->words[i - words] << bits;
        if (bits > 0 && i > words)
            shifted.words[i] |= value->words[i - words - 1] >> (64 - bits);
    }
    return shifted;
}

/*
 * One word of a long division (Knuth, The Art of Computer Programming, volume 2,
 * 4.3.1, algorithm D): (*rest * 2^64 + next) / d, where *rest < d and d >= 2^127.
 */
static uint64_t divide_word(uint128 *rest, uint64_t next, uint128 d)
{
    uint64_t d_high = (uint64_t)(d >> 64), d_low = (uint64_t)d;
    uint128 guess = *rest / d_high;
    if (guess > UINT64_MAX)
        guess = UINT64_MAX;
    uint128 left = *rest - guess * d_high;
    while (left <= UINT64_MAX && guess * d_low > (left << 64 | next)) {
        guess--;
        left += d_high;
    }
    *rest = (left << 64 | next) - guess * d_low;
    return (uint64_t)guess;
}

/* For a numerator from 1 to below 2^192. */
static struct quotient divide(const struct wide *numerator, uint128 denominator)
{
    uint64_t high = (uint64_t)(denominator >> 64);
    int d_shift = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)denominator);
    uint128 d = denominator << d_shift;
    int n_shift = 254 - bit_length(numerator);
    n_shift -= (n_shift ^ d_shift) & 1;
    struct wide n = shift_left(numerator, n_shift);
    uint128 rest = (uint128)n.words[3] << 64 | n.words[2];
    uint128 upper = divide_word(&rest, n.words[1], d);
    uint64_t lower = divide_word(&rest, n.words[0], d);
    return (struct quotient){
        .bits = upper << 64 | lower, .inexact = rest != 0, .exponent = d_shift - n_shift};
}

/* value * 2^exponent; both are far from the limits of doubles. */
static double scale(double value, int exponent)
{
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return value * power;
}

/* An integer of 60 bits or more that was made odd if inexact rounds to 53 bits as the exact value
 * does. */
static double round_odd(uint64_t value, bool inexact, int exponent)
{
    return scale((double)(value | inexact), exponent);
}

static double divide_and_round(const struct wide *numerator, uint128 denominator)
{
    struct quotient quotient = divide(numerator, denominator);
    bool inexact = quotient.inexact || (uint64_t)quotient.bits != 0;
    return round_odd((uint64_t)(quotient.bits >> 64), inexact, quotient.exponent + 64);
}

/* floor(sqrt(square)) for 125 to 127 bits: a double within 2^12 of it and one Newton step. */
static uint64_t square_root(uint128 square)
{
    double guess = sqrt((double)(uint64_t)(square >> 64)) * 0x1p32;
    uint64_t root = (uint64_t)guess;
    int128 error = (int128)(square - (uint128)root * root);
    root += (uint64_t)(int64_t)((double)error / (2 * guess));
    while ((uint128)root * root > square)
        root--;
    while ((uint128)(root + 1) * (root + 1) <= square)
        root++;
    return root;
}

/* a / b for an integer a below 2^128. */
static double ratio_of_128(uint128 a, uint64_t b)
{
    if (a == 0)
        return 0;
    if (a <= EXACT_IN_DOUBLE && b <= EXACT_IN_DOUBLE)
        return (double)(uint64_t)a / (double)b;
    struct wide numerator = {{(uint64_t)a, (uint64_t)(a >> 64)}};
    return divide_and_round(&numerator, b);
}

double exact_ratio(uint64_t a, uint64_t b)
{
    return b == 0 ? NAN : ratio_of_128(a, b);
}

double exact_rate(uint64_t amount, int64_t duration, uint64_t per)
{
    return duration <= 0 ? NAN : ratio_of_128((uint128)amount * per, (uint64_t)duration);
}

double series_mean(const struct power_sums *sums, uint64_t per)
{
    if (sums->count == 0)
        return NAN;
    bool negative = sums->sum < 0;
    uint128 size = negative ? -(uint128)sums->sum : (uint128)sums->sum;
    double mean = ratio_of_128(size, sums->count * per);
    return negative ? -mean : mean;
}

/* n^2 times the variance: n * sum of squares - square of the sum. Below 2^190. */
static struct wide scaled_variance(const struct power_sums *sums)
{
    /* The square of the sum is not larger than n * sum of squares, and that is below 2^128. */
    if (sums->squares_top == 0 && sums->squares[1] >> 32 == 0) {
        uint128 squares = (uint128)sums->squares[1] << 64 | sums->squares[0];
        uint128 difference = squares * sums->count - (uint128)sums->sum * (uint128)sums->sum;
        return (struct wide){{(uint64_t)difference, (uint64_t)(difference >> 64)}};
    }
    struct wide count = wide_from_signed(sums->count);
    struct wide sum = wide_from_signed(sums->sum);
    struct wide squares = wide_of_squares(sums);
    squares = wide_multiply(&squares, &count);
    sum = wide_multiply(&sum, &sum);
    return wide_subtract(&squares, &sum);
}

double series_variance(const struct power_sums *sums, uint64_t per)
{
    if (sums->count == 0)
        return NAN;
    struct wide variance = scaled_variance(sums);
    if (bit_length(&variance) == 0)
        return 0;
    uint64_t divisor = sums->count * per;
    return divide_and_round(&variance, (uint128)divisor * divisor);
}

double series_deviation(const struct power_sums *sums, uint64_t per)
{
    if (sums->count == 0)
        return NAN;
    struct wide variance = scaled_variance(sums);
    if (bit_length(&variance) == 0)
        return 0;
    uint64_t divisor = sums->count * per;
    struct quotient square = divide(&variance, (uint128)divisor * divisor);
    uint64_t root = square_root(square.bits);
    bool inexact = square.inexact || (uint128)root * root != square.bits;
    return round_odd(root, inexact, square.exponent / 2);
}

/*
 * n^3 times the third moment: n * (n * cubes - 3 * squares * sum) + 2 * sum^3. If m
 * is the largest absolute value, this is at most 6 (n m)^3.
 */
static struct wide scaled_third_moment(const struct cubic_sums *sums)
{
    const struct power_sums *powers = &sums->powers;
    struct wide count = wide_from_signed(powers->count);
    struct wide sum = wide_from_signed(powers->sum);
    struct wide squares = wide_of_squares(powers);
    struct wide cubes = wide_from_words(sums->cubes, 4);
    struct wide three_sums = wide_add(&sum, &sum);
    three_sums = wide_add(&three_sums, &sum);
    struct wide mixed = wide_multiply(&squares, &three_sums);
    struct wide moment = wide_multiply(&cubes, &count);
    moment = wide_subtract(&moment, &mixed);
    moment = wide_multiply(&moment, &count);
    struct wide sum_cube = wide_multiply(&sum, &sum);
    sum_cube = wide_multiply(&sum_cube, &sum);
    moment = wide_add(&moment, &sum_cube);
    return wide_add(&moment, &sum_cube);
}

/* The same for n m < 2^41, so that it and all its terms fit 127 bits. */
static int128 small_third_moment(const struct cubic_sums *sums)
{
    const struct power_sums *powers = &sums->powers;
    int128 squares = (int128)powers->squares[1] << 64 | powers->squares[0];
    int128 cubes = (int128)((uint128)sums->cubes[1] << 64 | sums->cubes[0]);
    int128 sum = powers->sum, count = powers->count;
    return count * (count * cubes - 3 * squares * sum) + 2 * sum * sum * sum;
}

static long double third_moment_to_real(const struct cubic_sums *sums)
{
    const struct power_sums *powers = &sums->powers;
    uint64_t least = exact_size(powers->min), most = exact_size(powers->max);
    uint64_t largest = least > most ? least : most;
    if ((uint128)largest * powers->count >> 41 == 0)
        return (long double)small_third_moment(sums);
    struct wide moment = scaled_third_moment(sums);
    return wide_to_real(&moment);
}

double series_skewness(const struct cubic_sums *sums)
{
    struct wide variance = scaled_variance(&sums->powers);
    if (bit_length(&variance) == 0)
        return NAN;
    long double square = wide_to_real(&variance);
    return (double)(third_moment_to_real(sums) / (square * sqrtl(square)));
}
