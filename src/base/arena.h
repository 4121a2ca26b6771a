/* Memory for objects that all live until the next reset. An all-zero struct is empty. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <labelcap/error.h>
#include <stddef.h>

struct arena {
    struct arena_chunk *chunks; /* the one in use first */
    size_t used;                /* of the first */
};

/* `len` bytes, not aligned: for text. NULL with the error set if there is no memory. */
char *arena_take(struct arena *arena, size_t len, struct lcap_error *error);

/* Forgets everything allocated, but keeps the memory. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

#endif
