/*
 * Runs of sorted records in one unnamed temporary file, appended one after the
 * other, if there are threads by one of them. The table of their places is in memory,
 * and so may be what comes first.
 */
#ifndef SORT_SPILL_H
#define SORT_SPILL_H

#include <labelcap/error.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct run {
    uint64_t offset;
    uint64_t len;
};

struct pipeline;
struct spill_piece;

struct spill {
    char *directory;
    int fd;         /* -1 until something is written to the file */
    uint64_t end;   /* where the next write goes */
    uint64_t begun; /* where the current run begins */
    struct run *runs;
    size_t run_count;
    size_t run_capacity;
    unsigned threads;
    size_t piece_size;
    uint8_t *kept;             /* the first bytes, which are not in the file */
    size_t keeps;              /* so many of them */
    struct pipeline *pipeline; /* of pieces of runs; NULL until the first one */
    struct spill_piece *piece; /* that is being filled */
    atomic_bool failed;        /* to write */
    struct lcap_error failure; /* known once the pipeline has finished */
};

/* `threads`: the caller's included. Runs are written in pieces of that size. */
int spill_init(struct spill *spill, const char *directory, unsigned threads, size_t piece_size,
               struct lcap_error *error);
/* The memory of its pieces. */
size_t spill_memory(const struct spill *spill);
void spill_release(struct spill *spill);

/* Before the first run: so many bytes stay in memory. */
int spill_keep(struct spill *spill, size_t size, struct lcap_error *error);

/* Begins a run, which is not in the table until it is complete. */
void spill_begin_run(struct spill *spill);
int spill_write(struct spill *spill, const void *data, size_t len, struct lcap_error *error);
/* Puts the run into the table in place of the `replaced` runs from `first` on. It may still have
 * to be written. */
int spill_end_run(struct spill *spill, size_t first, size_t replaced, struct lcap_error *error);

/* Whether a write that has begun has failed: 0, or the code of the failure. */
int spill_failed(struct spill *spill, struct lcap_error *error);

/* Waits until all runs are written, so that they can be read. */
int spill_settle(struct spill *spill, struct lcap_error *error);

/* Reads exactly `len` bytes; it is an error if the file ends earlier. */
int spill_read(const struct spill *spill, uint64_t offset, void *data, size_t len,
               struct lcap_error *error);

#endif
