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
void intern_free(struct intern *set);

#endif
