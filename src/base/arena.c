/* Chunks of memory, allocated from the front. */
#include "base/arena.h"

#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t capacity;
    char bytes[];
};

enum { CHUNK_SIZE = 64 << 10 };

static int add_chunk(struct arena *arena, size_t len, struct lcap_error *error)
{
    const size_t capacity = len > CHUNK_SIZE ? len : CHUNK_SIZE;
    struct arena_chunk *chunk = malloc(sizeof *chunk + capacity);
    if (!chunk)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: %zu bytes of text", capacity);
    chunk->next = arena->chunks;
    chunk->capacity = capacity;
    arena->chunks = chunk;
    arena->used = 0;
    return LCAP_OK;
}

char *arena_take(struct arena *arena, size_t len, struct lcap_error *error)
{
    const struct arena_chunk *chunk = arena->chunks;
    if ((!chunk || chunk->capacity - arena->used < len) && add_chunk(arena, len, error) != LCAP_OK)
        return NULL;
    char *at = arena->chunks->bytes + arena->used;
    arena->used += len;
    return at;
}

static void free_chunks(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_reset(struct arena *arena)
{
    if (!arena->chunks)
        return;
    free_chunks(arena->chunks->next);
    arena->chunks->next = NULL;
    arena->used = 0;
}

void arena_release(struct arena *arena)
{
    free_chunks(arena->chunks);
    *arena = (struct arena){0};
}
