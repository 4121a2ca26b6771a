/* Finds the name that was probably meant by a word that is none. */
#ifndef BASE_TEXT_SPELLING_H
#define BASE_TEXT_SPELLING_H

#include <stddef.h>

/* The search for the name nearest to `word`; begins as {.word = …, .len = …}. */
struct spelling {
    const char *word;
    size_t len;
    const char *meant; /* the nearest name so far; NULL: none is near enough */
    size_t distance;   /* of `meant` */
};

/*
 * Offers a name. It is near enough when at most a third of its letters must be
 * changed, added, left out or swapped with their neighbour; case does not matter.
 * Of equally near names the first one counts.
 */
void spelling_try(struct spelling *spelling, const char *name);

#endif
