/* Double-double arithmetic, as far as sums need it. */
#include "base/number/double_sums.h"

#include <math.h>

/* a + b without error (Knuth, The Art of Computer Programming, volume 2, 4.2.2, theorem B). */
static struct double_double add_exactly(double a, double b)
{
    const double sum = a + b, b_taken = sum - a;
    return (struct double_double){sum, (a - (sum - b_taken)) + (b - b_taken)};
}

static struct double_double multiply_exactly(double a, double b)
{
    const double product = a * b;
    return (struct double_double){product, fma(a, b, -product)};
}

static struct double_double add(struct double_double a, struct double_double b)
{
    struct double_double high = add_exactly(a.high, b.high);
    const struct double_double low = add_exactly(a.low, b.low);
    high = add_exactly(high.high, high.low + low.high);
    return add_exactly(high.high, high.low + low.low);
}

static struct double_double multiply(struct double_double a, struct double_double b)
{
    const struct double_double product = multiply_exactly(a.high, b.high);
    return add_exactly(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static struct double_double divide(struct double_double a, double b)
{
    const double quotient = a.high / b;
    const double rest = fma(-quotient, b, a.high) + a.low;
    return add_exactly(quotient, rest / b);
}

void double_sums_add(struct double_sums *sums, double value)
{
    if (sums->count++ == 0) {
        sums->first = sums->min = sums->max = value;
        return;
    }
    const struct double_double difference = add_exactly(value, -sums->first);
    sums->min = value < sums->min ? value : sums->min;
    sums->max = value > sums->max ? value : sums->max;
    sums->sum = add(sums->sum, difference);
    sums->squares = add(sums->squares, multiply(difference, difference));
}

double double_sums_mean(const struct double_sums *sums)
{
    if (sums->count == 0)
        return NAN;
    /* n times the first value plus the differences, divided by n, so that only the last step
     * rounds. */
    const struct double_double firsts = multiply_exactly(sums->first, sums->count);
    return divide(add(firsts, sums->sum), sums->count).high;
}

double double_sums_deviation(const struct double_sums *sums)
{
    if (sums->count == 0)
        return NAN;
    const struct double_double count = {sums->count, 0};
    const struct double_double square = multiply(sums->sum, sums->sum);
    const struct double_double minus = {-square.high, -square.low};
    struct double_double variance = add(multiply(sums->squares, count), minus);
    variance = divide(divide(variance, sums->count), sums->count);
    if (variance.high <= 0)
        return 0;
    const double root = sqrt(variance.high);
    return root + (fma(-root, root, variance.high) + variance.low) / (2 * root);
}
