/*
 * Memory for bytes that are kept until the end and seldom looked at. The first
 * megabytes are taken from the heap. The rest is mapped from an unnamed temporary file
 * in TMPDIR (else /var/tmp), so that it is on the disk and not in memory while nobody
 * looks at it.
 */
#ifndef BASE_SPARE_MEMORY_H
#define BASE_SPARE_MEMORY_H

#include <labelcap/error.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spare_chunk;

/* All zero: nothing taken. */
struct spare_memory {
    struct spare_chunk *chunks; /* the one in use first */
    size_t heap;                /* bytes of the chunks that are in the heap */
    int fd_plus_one;            /* of the file; 0: not created */
    uint64_t file_size;
    atomic_size_t looked_at; /* bytes since what is mapped was put aside */
};

/* `len` bytes, not aligned, that never move; NULL with the error set if there is no room. */
char *spare_memory_take(struct spare_memory *memory, size_t len, struct lcap_error *error);

/*
 * To be told of long bytes that are about to be looked at. Puts everything aside now
 * and then: it stays where it is and comes back when it is looked at. Threads: any.
 */
void spare_memory_look(struct spare_memory *memory, size_t len);
void spare_memory_release(struct spare_memory *memory);

#endif
