/* Distances between words as people type them. */
#include "base/text/spelling.h"

#include <ctype.h>
#include <string.h>

/* Longer words are not compared. */
#define WORD_MAX 32

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return (char)tolower((unsigned char)c);
}

/* The optimal string alignment distance. */
static size_t distance(const char *word, size_t word_len, const char *name, size_t name_len)
{
    size_t cost[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= word_len; i++)
        for (size_t j = 0; j <= name_len; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            size_t differs = lower(word[i - 1]) != lower(name[j - 1]);
            cost[i][j] =
                least(cost[i - 1][j - 1] + differs, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && lower(word[i - 2]) == lower(name[j - 1]) &&
                lower(word[i - 1]) == lower(name[j - 2]))
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[word_len][name_len];
}

void spelling_try(struct spelling *spelling, const char *name)
{
    const size_t len = strlen(name);
    if (spelling->len > WORD_MAX || len > WORD_MAX)
        return;
    const size_t found = distance(spelling->word, spelling->len, name, len);
    if (found > len / 3 || (spelling->meant && found >= spelling->distance))
        return;
    spelling->meant = name;
    spelling->distance = found;
}
