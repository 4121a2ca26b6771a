/*
 * Structs of the public headers that begin with a size_t, their size as whoever
 * fills or reads them has compiled it. So they can grow: a program of before sets
 * fewer fields than there are now, and one of later may set more.
 */
#ifndef BASE_SIZED_H
#define BASE_SIZED_H

#include <labelcap/error.h>
#include <stddef.h>

/*
 * Copies what a caller has filled (NULL: nothing) into a struct of `size` bytes, the
 * rest of which becomes zero. `name` is for messages. LCAP_ERR_ARGUMENT where its
 * size is not set, or where fields are set that this library does not know.
 */
int sized_take(void *ours, size_t size, const void *theirs, const char *name,
               struct lcap_error *error);

/* Fills a caller's struct as far as it reaches. LCAP_ERR_ARGUMENT where its size is not set. */
int sized_give(void *theirs, const void *ours, size_t size, const char *name,
               struct lcap_error *error);

#endif
