/* The natural order of names: 2 before 10. */
#include "base/text/text.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The names in a directory stand together. */
static int rank_of(char c)
{
    return c == '\0' ? 0 : c == '/' ? 1 : 2 + (unsigned char)c;
}

/* Compares the numbers at *a and *b, and skips them if they are equal. */
static int compare_numbers(const char **a, const char **b)
{
    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    const size_t digits_a = strspn(*a, "0123456789"), digits_b = strspn(*b, "0123456789");
    if (digits_a != digits_b)
        return digits_a < digits_b ? -1 : 1;
    const int order = memcmp(*a, *b, digits_a);
    *a += digits_a;
    *b += digits_b;
    return order;
}

int text_compare_naturally(const char *a, const char *b)
{
    const char *x = a, *y = b;
    int order = 0;
    while (order == 0 && (*x || *y)) {
        if (is_digit(*x) && is_digit(*y))
            order = compare_numbers(&x, &y);
        else
            order = rank_of(*x++) - rank_of(*y++);
    }
    return order ? order : strcmp(a, b);
}
