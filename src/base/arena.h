/* Memory for things that live until the next reset, all together. An all-zero struct is empty. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <labelcap/error.h>
#include <stddef.h>

struct arena {
    struct arena_chunk *chunks; /* the one in use first */
    size_t used;                /* of the first */
};

/* `len` bytes, not aligned: for text. NULL with the error set where there is no memory. */
char *arena_take(struct arena *arena, size_t len, struct lcap_error *error);

/* Forgets everything handed out; keeps memory for the next time. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

#endif
