/*
 * Structs of the public headers that begin with a size_t: their size in the program
 * that fills or reads them. So they can grow: an older program sets fewer fields
 * than there are now, and a newer one may set more. A new field must not be placed in
 * what was padding in a released version, because nobody has set that to zero:
 * `unused` bytes stand there instead.
 */
#ifndef BASE_SIZED_H
#define BASE_SIZED_H

#include <labelcap/error.h>
#include <stddef.h>

/*
 * Copies the struct of a caller (NULL: none) into a struct of `size` bytes, the
 * rest of which becomes zero. `name` is for messages. LCAP_ERR_ARGUMENT if its size
 * is not set, or if fields are set that this library does not know.
 */
int sized_take(void *ours, size_t size, const void *theirs, const char *name,
               struct lcap_error *error);

/* Fills the struct of a caller up to its size. LCAP_ERR_ARGUMENT if its size is not set. */
int sized_give(void *theirs, const void *ours, size_t size, const char *name,
               struct lcap_error *error);

#endif
