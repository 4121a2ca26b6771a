/* Distances between words as people type them. */
#include "base/text/spelling.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

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

/* ---- words ---- */

#define WORDS_MOST 8

struct word {
    const char *text;
    size_t len;
};

/* At what is no letter or digit, and before a capital behind a small letter. */
static size_t split_words(const char *text, size_t len, struct word words[WORDS_MOST])
{
    struct word *word = NULL; /* that goes on; NULL behind the last one that has room */
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        const bool inside = isalnum((unsigned char)text[i]);
        const bool follows =
            i > 0 && isalnum((unsigned char)text[i - 1]) &&
            !(islower((unsigned char)text[i - 1]) && isupper((unsigned char)text[i]));
        if (inside && !follows) {
            word = count < WORDS_MOST ? &words[count++] : NULL;
            if (word)
                *word = (struct word){text + i, 0};
        }
        if (inside && word)
            word->len++;
    }
    return count;
}

/* "pkt", "packets": the letters of the shorter one in their order, the first being the same. */
static bool abbreviates(const struct word *a, const struct word *b)
{
    size_t at = 0;
    for (size_t i = 0; i < b->len && at < a->len; i++)
        at += lower(a->text[at]) == lower(b->text[i]);
    return (a->len > 2 || a->len == b->len) && at == a->len &&
           lower(a->text[0]) == lower(b->text[0]);
}

/* What flow meters call the same thing. */
static int synonym(const struct word *word)
{
    static const char *const sets[][3] = {{"len", "length", "bytes"}, {"avg", "average", "mean"}};
    for (int set = 0; set < 2; set++)
        for (int i = 0; i < 3; i++)
            if (strlen(sets[set][i]) == word->len &&
                strncasecmp(sets[set][i], word->text, word->len) == 0)
                return set;
    return -1;
}

static bool means_the_same(const struct word *a, const struct word *b)
{
    return abbreviates(a, b) || abbreviates(b, a) || (synonym(a) >= 0 && synonym(a) == synonym(b));
}

/* Takes the word out of those offered if one of them means the same. */
static bool take_word(const struct word *word, struct word *offered, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!means_the_same(word, &offered[i]))
            continue;
        offered[i].len = 0;
        return true;
    }
    return false;
}

void spelling_try_words(struct spelling *spelling, const char *name)
{
    struct word asked[WORDS_MOST], offered[WORDS_MOST];
    const size_t asked_count = split_words(spelling->word, spelling->len, asked);
    const size_t offered_count = split_words(name, strlen(name), offered);
    unsigned same = 0;
    for (size_t i = 0; i < asked_count; i++)
        same += take_word(&asked[i], offered, offered_count);
    const unsigned shared = same ? 200 * same / (unsigned)(asked_count + offered_count) : 0;
    if (shared < 50 || shared <= spelling->shared)
        return;
    spelling->meant = name;
    spelling->shared = shared;
}
