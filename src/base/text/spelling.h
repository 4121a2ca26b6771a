/* Finds the name that was probably meant by an unknown word. */
#ifndef BASE_TEXT_SPELLING_H
#define BASE_TEXT_SPELLING_H

#include <stddef.h>

/* A search for the name nearest to `word`; initialised as {.word = …, .len = …}. */
struct spelling {
    const char *word;
    size_t len;
    const char *meant; /* the nearest name so far; NULL if none is near enough */
    size_t distance;   /* of `meant` */
    unsigned shared;   /* of its words, in hundredths: see spelling_try_words() */
};

/*
 * Offers a name. It is near enough if at most a third of its letters must be
 * changed, added, removed or swapped with their neighbour; case does not matter.
 * Among equally near names the first one counts.
 */
void spelling_try(struct spelling *spelling, const char *name);

/*
 * Offers a name of several words, for another vocabulary: "Fwd Pkt Len Max" may mean
 * fwd_payload_bytes_max. It is near enough if half of the words are the same, or
 * abbreviations, in whatever order. Not for a search with spelling_try().
 */
void spelling_try_words(struct spelling *spelling, const char *name);

#endif
