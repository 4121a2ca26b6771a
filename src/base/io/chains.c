/* Growing strings of bytes in bounded memory. */
#include "base/io/chains.h"

#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Memory is one pool of small blocks, taken from the system in batches, so that
 * half a million flows of one packet fit into 256 MiB.
 */
enum {
    BLOCK_SIZE = 512,
    BLOCK_BYTES = BLOCK_SIZE - sizeof(void *),
    BATCH_SIZE = 64 << 10,
    BATCH_BLOCKS = BATCH_SIZE / BLOCK_SIZE,
    IO_SIZE = 256 << 10, /* of the write buffer and of the read buffer */
    /* A smaller hole would free hardly a page of the file system. */
    SMALLEST_HOLE = 16 << 10,
};

struct chain_block {
    struct chain_block *next; /* of the same string, or of the free ones */
    uint8_t bytes[BLOCK_BYTES];
};

struct block_batch {
    struct block_batch *older;
    struct chain_block blocks[BATCH_BLOCKS];
};

/* The head of a record in the file; its bytes follow. */
struct record_head {
    uint64_t next; /* offset of the next record of the same string; 0 until there is one */
    uint64_t len;
};

/* So that no record is at offset 0. */
#define FIRST_OFFSET sizeof(struct record_head)

struct chains {
    struct block_batch *batches;
    size_t batch_count, batch_limit;
    struct chain_block *free;
    struct chain *oldest, *newest; /* of the strings that hold memory */
    const char *directory;
    int fd;           /* -1 until the first record */
    uint64_t written; /* bytes of the file; those in the buffer follow */
    size_t buffered;
    uint8_t *output, *input; /* buffers, created with the file */
};

int chains_new(struct chains **chains, uint64_t memory, const char *directory,
               struct lcap_error *error)
{
    struct chains *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    const uint64_t batches = memory / BATCH_SIZE + (memory % BATCH_SIZE != 0);
    new->batch_limit = batches == 0 ? 1 : batches < SIZE_MAX ? (size_t)batches : SIZE_MAX;
    new->directory = directory;
    new->fd = -1;
    new->written = FIRST_OFFSET;
    *chains = new;
    return LCAP_OK;
}

void chains_free(struct chains *chains)
{
    if (!chains)
        return;
    for (struct block_batch *batch = chains->batches, *older; batch; batch = older) {
        older = batch->older;
        free(batch);
    }
    if (chains->fd >= 0)
        close(chains->fd);
    free(chains->output);
    free(chains->input);
    free(chains);
}

/* The list of strings that hold memory. */

static void list_add(struct chains *chains, struct chain *chain)
{
    chain->older = chains->newest;
    chain->newer = NULL;
    if (chains->newest)
        chains->newest->newer = chain;
    else
        chains->oldest = chain;
    chains->newest = chain;
}

static void list_remove(struct chains *chains, struct chain *chain)
{
    if (chain->older)
        chain->older->newer = chain->newer;
    else
        chains->oldest = chain->newer;
    if (chain->newer)
        chain->newer->older = chain->older;
    else
        chains->newest = chain->older;
    chain->older = chain->newer = NULL;
}

/* Returns the memory of a string, which must have some, to the pool. */
static void let_go(struct chains *chains, struct chain *chain)
{
    chain->last->next = chains->free;
    chains->free = chain->first;
    chain->first = chain->last = NULL;
    chain->in_memory = 0;
    list_remove(chains, chain);
}

/* The bytes of a block if `left` bytes of the string are in it and after it. */
static size_t bytes_in_block(size_t left)
{
    return left < BLOCK_BYTES ? left : BLOCK_BYTES;
}

/* The file. */

static int write_at(const struct chains *chains, const void *bytes, size_t len, uint64_t offset,
                    struct lcap_error *error)
{
    if (file_write_at(chains->fd, bytes, len, offset) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot write temporary file",
                                    chains->directory);
    return LCAP_OK;
}

static int read_at(const struct chains *chains, void *bytes, size_t len, uint64_t offset,
                   struct lcap_error *error)
{
    const ssize_t got = file_read_at(chains->fd, bytes, len, offset);
    if (got != (ssize_t)len)
        return lcap_error_set_errno(error, got < 0 ? errno : EIO, "%s: cannot read temporary file",
                                    chains->directory);
    return LCAP_OK;
}

static int flush(struct chains *chains, struct lcap_error *error)
{
    const int rc = write_at(chains, chains->output, chains->buffered, chains->written, error);
    chains->written += chains->buffered;
    chains->buffered = 0;
    return rc;
}

static int put(struct chains *chains, const void *bytes, size_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (len > IO_SIZE - chains->buffered)
        rc = flush(chains, error);
    memcpy(chains->output + chains->buffered, bytes, len);
    chains->buffered += len;
    return rc;
}

static int open_file(struct chains *chains, struct lcap_error *error)
{
    if (chains->fd >= 0)
        return LCAP_OK;
    if (!chains->output)
        chains->output = memory_new(IO_SIZE, 1, error);
    if (!chains->input)
        chains->input = memory_new(IO_SIZE, 1, error);
    if (!chains->output || !chains->input)
        return LCAP_ERR_MEMORY;
    const int fd = tempfile_open_unnamed(chains->directory, error);
    if (fd < 0)
        return fd;
    chains->fd = fd;
    return LCAP_OK;
}

/* Writes into the last record of a string where the next one is. */
static int link_record(struct chains *chains, struct chain *chain, uint64_t next,
                       struct lcap_error *error)
{
    const uint64_t last = chain->last_record;
    const bool is_first = chain->len == chain->in_memory;
    chain->last_record = next;
    if (is_first) {
        chain->first_record = next;
        return LCAP_OK;
    }
    /* put() never splits a head, so the whole head is in the buffer or none of it. */
    if (last < chains->written)
        return write_at(chains, &next, sizeof next, last + offsetof(struct record_head, next),
                        error);
    memcpy(chains->output + (last - chains->written) + offsetof(struct record_head, next), &next,
           sizeof next);
    return LCAP_OK;
}

static int put_blocks(struct chains *chains, const struct chain *chain, struct lcap_error *error)
{
    const struct chain_block *block = chain->first;
    size_t left = chain->in_memory;
    int rc;
    do {
        const size_t len = bytes_in_block(left);
        rc = put(chains, block->bytes, len, error);
        left -= len;
        block = block->next;
    } while (rc == LCAP_OK && block);
    return rc;
}

/* Writes the bytes that a string has in memory (at least one) to the file as one record. */
static int spill(struct chains *chains, struct chain *chain, struct lcap_error *error)
{
    const struct record_head head = {.len = chain->in_memory};
    int rc = open_file(chains, error);
    if (rc == LCAP_OK && sizeof head > IO_SIZE - chains->buffered)
        rc = flush(chains, error);
    if (rc == LCAP_OK)
        rc = link_record(chains, chain, chains->written + chains->buffered, error);
    if (rc == LCAP_OK)
        rc = put(chains, &head, sizeof head, error);
    if (rc == LCAP_OK)
        rc = put_blocks(chains, chain, error);
    if (rc == LCAP_OK)
        let_go(chains, chain);
    return rc;
}

/* Growing. */

static int add_batch(struct chains *chains, struct lcap_error *error)
{
    struct block_batch *batch = memory_new(1, sizeof *batch, error);
    if (!batch)
        return LCAP_ERR_MEMORY;
    batch->older = chains->batches;
    chains->batches = batch;
    chains->batch_count++;
    for (size_t i = BATCH_BLOCKS; i-- > 0;) {
        batch->blocks[i].next = chains->free;
        chains->free = &batch->blocks[i];
    }
    return LCAP_OK;
}

/* Appends an empty block to the string in memory. */
static int add_block(struct chains *chains, struct chain *chain, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!chains->free)
        rc = chains->batch_count < chains->batch_limit ? add_batch(chains, error)
                                                       : spill(chains, chains->oldest, error);
    if (rc != LCAP_OK)
        return rc;
    struct chain_block *block = chains->free;
    chains->free = block->next;
    block->next = NULL;
    if (chain->last) {
        chain->last->next = block;
    } else {
        chain->first = block;
        list_add(chains, chain);
    }
    chain->last = block;
    return LCAP_OK;
}

int chains_append(struct chains *chains, struct chain *chain, const void *bytes, size_t len,
                  struct lcap_error *error)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t used = chain->in_memory % BLOCK_BYTES;
        if (used == 0) {
            const int rc = add_block(chains, chain, error);
            if (rc != LCAP_OK)
                return rc;
        }
        const size_t room = BLOCK_BYTES - used;
        const size_t part = len < room ? len : room;
        memcpy(chain->last->bytes + used, at, part);
        chain->in_memory += part;
        chain->len += part;
        at += part;
        len -= part;
    }
    return LCAP_OK;
}

/* Frees the room of a string's records in the file; after a failure it just stays in use. */
static void punch_holes(struct chains *chains, const struct chain *chain)
{
    uint64_t left = chain->len - chain->in_memory;
    uint64_t at = chain->first_record;
    struct record_head head;
    while (left >= SMALLEST_HOLE && at < chains->written &&
           read_at(chains, &head, sizeof head, at, NULL) == LCAP_OK) {
        const uint64_t end = at + sizeof head + head.len;
        if (head.len >= SMALLEST_HOLE && end <= chains->written)
            (void)fallocate(chains->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at,
                            (off_t)(end - at));
        left -= head.len;
        at = head.next;
    }
}

void chains_drop(struct chains *chains, struct chain *chain)
{
    if (chain->len > chain->in_memory)
        punch_holes(chains, chain);
    if (chain->first)
        let_go(chains, chain);
    *chain = (struct chain){0};
}

/* Reading. */

int chain_reader_begin(struct chain_reader *reader, struct chains *chains,
                       const struct chain *chain, struct lcap_error *error)
{
    *reader = (struct chain_reader){
        .chains = chains,
        .left = chain->len,
        .in_file = chain->len - chain->in_memory,
        .record = chain->first_record,
        .chain = chain,
    };
    return reader->in_file > 0 ? flush(chains, error) : LCAP_OK;
}

static int next_from_file(struct chain_reader *reader, struct lcap_error *error)
{
    struct chains *chains = reader->chains;
    if (reader->record_left == 0) {
        struct record_head head;
        const int rc = read_at(chains, &head, sizeof head, reader->record, error);
        if (rc < 0)
            return rc;
        reader->record_at = reader->record + sizeof head;
        reader->record_left = head.len;
        reader->record = head.next;
    }
    const size_t len = reader->record_left < IO_SIZE ? (size_t)reader->record_left : IO_SIZE;
    const int rc = read_at(chains, chains->input, len, reader->record_at, error);
    if (rc < 0)
        return rc;
    reader->record_at += len;
    reader->record_left -= len;
    reader->in_file -= len;
    reader->piece = chains->input;
    reader->piece_left = len;
    return LCAP_OK;
}

/* The blocks of a string are scattered: prefetches the next one while this one is read. */
static void fetch(const struct chain_block *block)
{
    enum { CACHE_LINE = 64 };
    const char *at = (const char *)block;
    for (size_t i = 0; block && i < sizeof *block; i += CACHE_LINE)
        __builtin_prefetch(at + i);
}

static int next_piece(struct chain_reader *reader, struct lcap_error *error)
{
    if (reader->in_file > 0)
        return next_from_file(reader, error);
    reader->block = reader->block ? reader->block->next : reader->chain->first;
    fetch(reader->block->next);
    reader->piece = reader->block->bytes;
    reader->piece_left = bytes_in_block((size_t)reader->left);
    return LCAP_OK;
}

int chain_reader_view(struct chain_reader *reader, size_t wanted, const uint8_t **bytes,
                      size_t *len, struct lcap_error *error)
{
    if (reader->left == 0)
        return 0;
    if (reader->piece_left == 0) {
        const int rc = next_piece(reader, error);
        if (rc < 0)
            return rc;
    }
    *bytes = reader->piece;
    *len = wanted < reader->piece_left ? wanted : reader->piece_left;
    reader->piece += *len;
    reader->piece_left -= *len;
    reader->left -= *len;
    return 1;
}

int chain_reader_copy(struct chain_reader *reader, void *bytes, size_t len,
                      struct lcap_error *error)
{
    uint8_t *to = bytes;
    while (len > 0) {
        const uint8_t *part = NULL;
        size_t part_len = 0;
        const int rc = chain_reader_view(reader, len, &part, &part_len, error);
        if (rc < 0)
            return rc;
        if (rc == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%zu bytes past the end of a string",
                                  len);
        memcpy(to, part, part_len);
        to += part_len;
        len -= part_len;
    }
    return LCAP_OK;
}
