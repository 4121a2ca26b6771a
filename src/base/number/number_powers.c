/*
 * The table of powers of ten. It is computed from exact integers of 832 bits:
 *
 *   upwards    5^0, 5^1, …, 5^324 (753 bits), each from the one before;
 *   downwards  floor(2^831 / 5^1), …, floor(2^831 / 5^292) (153 bits), each from
 *              the one before, as floor(floor(a / b) / c) = floor(a / (b c)).
 *
 * 5^e and 10^e have the same bits except for the place of the point, so the first
 * 128 bits of these numbers are those of 10^e.
 */
#include "base/number/number_powers.h"

#include <pthread.h>
#include <string.h>

#define BIG_WORDS 26

struct big {
    uint32_t words[BIG_WORDS]; /* little-endian */
};

static uint128 powers[POWER_MOST - POWER_LEAST + 1];
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;

static void multiply_by_5(struct big *big)
{
    uint64_t carry = 0;
    for (int i = 0; i < BIG_WORDS; i++) {
        carry += (uint64_t)big->words[i] * 5;
        big->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void divide_by_5(struct big *big)
{
    uint64_t rest = 0;
    for (int i = BIG_WORDS - 1; i >= 0; i--) {
        rest = rest << 32 | big->words[i];
        big->words[i] = (uint32_t)(rest / 5);
        rest %= 5;
    }
}

/* The 128 bits from the first 1, followed by zeros if there are fewer. */
static uint128 first_128_bits(const struct big *big)
{
    int top = BIG_WORDS - 1;
    while (big->words[top] == 0)
        top--;
    uint128 bits = 0;
    for (int i = top; i > top - 4; i--)
        bits = bits << 32 | (i >= 0 ? big->words[i] : 0);
    int shift = __builtin_clz(big->words[top]);
    uint64_t behind = top >= 4 ? big->words[top - 4] : 0;
    return bits << shift | behind << shift >> 32;
}

static void make_powers(void)
{
    struct big big = {{1}};
    for (int e = 0; e <= POWER_MOST; e++) {
        powers[e - POWER_LEAST] = first_128_bits(&big) + 1;
        multiply_by_5(&big);
    }
    memset(&big, 0, sizeof big);
    big.words[BIG_WORDS - 1] = 1u << 31;
    for (int e = -1; e >= POWER_LEAST; e--) {
        divide_by_5(&big);
        powers[e - POWER_LEAST] = first_128_bits(&big) + 1;
    }
}

const uint128 *number_powers(void)
{
    pthread_once(&powers_once, make_powers);
    return powers;
}
