/* Chunks in the heap, then in a file. */
#include "base/spare_memory.h"

#include "base/io/tempfile.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAP_CHUNK   ((size_t)64 << 10)
/* What is in the heap is not worth a file. */
#define HEAP_MOST    ((size_t)4 << 20)
/* A multiple of any page size; a process may have 65,530 mappings, vm.max_map_count. */
#define MAPPED_CHUNK ((size_t)4 << 20)

/* As much may be in memory before it is put aside. */
#define LOOKED_AT_MOST ((size_t)4 << 20)

struct spare_chunk {
    struct spare_chunk *older;
    size_t used, size;
    char *bytes;
    bool mapped;
};

static int open_file(struct spare_memory *memory, struct lcap_error *error)
{
    if (memory->fd_plus_one)
        return LCAP_OK;
    const int fd = tempfile_open_unnamed(tempfile_default_directory(), error);
    memory->fd_plus_one = fd < 0 ? 0 : fd + 1;
    return fd < 0 ? fd : LCAP_OK;
}

static int no_room(int errnum, struct lcap_error *error)
{
    return lcap_error_set_errno(error, errnum, "%s: cannot write a temporary file (TMPDIR)",
                                tempfile_default_directory());
}

/* The room is allocated at once: a mapping that meets a full disk ends the process. */
static int map(struct spare_memory *memory, struct spare_chunk *chunk, struct lcap_error *error)
{
    int rc = open_file(memory, error);
    if (rc < 0)
        return rc;
    const int fd = memory->fd_plus_one - 1;
    const int errnum = posix_fallocate(fd, (off_t)memory->file_size, (off_t)chunk->size);
    if (errnum != 0)
        return no_room(errnum, error);
    void *bytes =
        mmap(NULL, chunk->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)memory->file_size);
    if (bytes == MAP_FAILED)
        return no_room(errno, error);
    memory->file_size += chunk->size;
    chunk->bytes = bytes;
    chunk->mapped = true;
    return LCAP_OK;
}

static int fill_chunk(struct spare_memory *memory, struct spare_chunk *chunk, size_t len,
                      struct lcap_error *error)
{
    if (memory->heap < HEAP_MOST && len <= HEAP_CHUNK) {
        chunk->size = HEAP_CHUNK;
        chunk->bytes = memory_new(chunk->size, 1, error);
        memory->heap += chunk->size;
        return chunk->bytes ? LCAP_OK : LCAP_ERR_MEMORY;
    }
    chunk->size = (len / MAPPED_CHUNK + 1) * MAPPED_CHUNK;
    return map(memory, chunk, error);
}

/* What has been written goes to the disk, and comes back when somebody looks at it. */
static void put_aside(const struct spare_chunk *chunk)
{
    if (chunk && chunk->mapped)
        madvise(chunk->bytes, chunk->size, MADV_DONTNEED);
}

static int add_chunk(struct spare_memory *memory, size_t len, struct lcap_error *error)
{
    struct spare_chunk *chunk = memory_new(1, sizeof *chunk, error);
    if (!chunk)
        return LCAP_ERR_MEMORY;
    const int rc = fill_chunk(memory, chunk, len, error);
    if (rc < 0) {
        free(chunk);
        return rc;
    }
    put_aside(memory->chunks);
    chunk->older = memory->chunks;
    memory->chunks = chunk;
    return LCAP_OK;
}

char *spare_memory_take(struct spare_memory *memory, size_t len, struct lcap_error *error)
{
    const bool fits = memory->chunks && memory->chunks->size - memory->chunks->used >= len;
    if (!fits && add_chunk(memory, len, error) < 0)
        return NULL;
    struct spare_chunk *chunk = memory->chunks;
    char *at = chunk->bytes + chunk->used;
    chunk->used += len;
    return at;
}

void spare_memory_look(struct spare_memory *memory, size_t len)
{
    if (atomic_fetch_add(&memory->looked_at, len) < LOOKED_AT_MOST)
        return;
    atomic_store(&memory->looked_at, 0);
    for (struct spare_chunk *chunk = memory->chunks; chunk; chunk = chunk->older)
        put_aside(chunk);
}

void spare_memory_release(struct spare_memory *memory)
{
    for (struct spare_chunk *chunk = memory->chunks, *older; chunk; chunk = older) {
        older = chunk->older;
        if (chunk->mapped)
            munmap(chunk->bytes, chunk->size);
        else
            free(chunk->bytes);
        free(chunk);
    }
    if (memory->fd_plus_one)
        close(memory->fd_plus_one - 1);
    *memory = (struct spare_memory){.chunks = NULL};
}
