/* Sums of values, their squares and their cubes. */
#include "base/number/exact.h"

#include "base/number/exact_wide.h"
#include <string.h>

void power_sums_add(struct power_sums *sums, int64_t value)
{
    bool first = sums->count++ == 0;
    sums->min = first || value < sums->min ? value : sums->min;
    sums->max = first || value > sums->max ? value : sums->max;
    sums->sum += value;
    uint128 square = (uint128)exact_size(value) * exact_size(value);
    uint128 squares = ((uint128)sums->squares[1] << 64 | sums->squares[0]) + square;
    sums->squares[0] = (uint64_t)squares;
    sums->squares[1] = (uint64_t)(squares >> 64);
    sums->squares_top += squares < square;
}

static void add_cube(uint64_t cubes[4], const struct wide *cube)
{
    struct wide sum = wide_from_words(cubes, 4);
    sum = wide_add(&sum, cube);
    memcpy(cubes, sum.words, 4 * sizeof *cubes);
}

/* Cubes of values below 2^42 (nearly all) fit 127 bits. */
static void add_small_cube(uint64_t cubes[4], int64_t value)
{
    int128 cube = (int128)value * value * value;
    uint128 low = ((uint128)cubes[1] << 64 | cubes[0]) + (uint128)cube;
    uint128 high = (uint128)cubes[3] << 64 | cubes[2];
    high += (uint128)(cube >> 127) + (low < (uint128)cube);
    cubes[0] = (uint64_t)low;
    cubes[1] = (uint64_t)(low >> 64);
    cubes[2] = (uint64_t)high;
    cubes[3] = (uint64_t)(high >> 64);
}

void cubic_sums_add(struct cubic_sums *sums, int64_t value)
{
    power_sums_add(&sums->powers, value);
    if (exact_size(value) >> 42 == 0) {
        add_small_cube(sums->cubes, value);
        return;
    }
    struct wide wide = wide_from_signed(value);
    struct wide cube = wide_multiply(&wide, &wide);
    cube = wide_multiply(&cube, &wide);
    add_cube(sums->cubes, &cube);
}

struct power_sums power_sums_merge(const struct power_sums *a, const struct power_sums *b)
{
    if (a->count == 0)
        return *b;
    if (b->count == 0)
        return *a;
    struct wide a_squares = wide_of_squares(a), b_squares = wide_of_squares(b);
    struct wide squares = wide_add(&a_squares, &b_squares);
    return (struct power_sums){
        .count = a->count + b->count,
        .squares_top = (uint32_t)squares.words[2],
        .squares = {squares.words[0], squares.words[1]},
        .sum = a->sum + b->sum,
        .min = a->min < b->min ? a->min : b->min,
        .max = a->max > b->max ? a->max : b->max,
    };
}

struct cubic_sums cubic_sums_merge(const struct cubic_sums *a, const struct cubic_sums *b)
{
    struct cubic_sums merged = {.powers = power_sums_merge(&a->powers, &b->powers)};
    struct wide cubes = wide_from_words(b->cubes, 4);
    memcpy(merged.cubes, a->cubes, sizeof merged.cubes);
    add_cube(merged.cubes, &cubes);
    return merged;
}
