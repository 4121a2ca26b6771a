/*
 * Distinct strings, each kept once and numbered from 0. Hashed with SipHash under a
 * random key, so that crafted strings cannot make it slow.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

#define INTERN_NONE UINT32_MAX

struct intern;

int intern_new(struct intern **set, struct lcap_error *error);
/* Sets *id to the number of these bytes, which are added if they are new. */
int intern_add(struct intern *set, const void *bytes, size_t len, uint32_t *id,
               struct lcap_error *error);
/* INTERN_NONE if they are not there. */
uint32_t intern_find(const struct intern *set, const void *bytes, size_t len);
/* The bytes with this number, followed by a NUL; valid as long as the set. `len` may be NULL. */
const char *intern_get(const struct intern *set, uint32_t id, size_t *len);
size_t intern_count(const struct intern *set);

/* Compares two strings bytewise, as memcmp() does; one that the other begins with comes first. */
int intern_compare(const struct intern *set, uint32_t a, uint32_t b);

/*
 * Sorts all strings so: sets *sorted to their numbers in this order, and *places to the place of
 * each number. Both are to be freed, even after an error.
 */
int intern_order(const struct intern *set, uint32_t **sorted, uint32_t **places,
                 struct lcap_error *error);
void intern_free(struct intern *set);

#endif
