/*
 * Runs of sorted records in one unnamed temporary file, appended one after
 * the other. The table of where they stand is in memory.
 */
#ifndef SORT_SPILL_H
#define SORT_SPILL_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct run {
    uint64_t offset;
    uint64_t len;
};

struct spill {
    char *directory;
    int fd;         /* -1 until the first run */
    uint64_t end;   /* where the next write goes */
    uint64_t begun; /* where the run being written begins */
    struct run *runs;
    size_t run_count;
    size_t run_capacity;
    uint8_t *buffer; /* lent by spill_begin_run()'s caller, until spill_end_run() */
    size_t buffer_size;
    size_t buffered;
};

int spill_init(struct spill *spill, const char *directory, struct lcap_error *error);
void spill_release(struct spill *spill);

/* Starts a run, which stays out of the table until it is whole. */
int spill_begin_run(struct spill *spill, uint8_t *buffer, size_t buffer_size,
                    struct lcap_error *error);
int spill_write(struct spill *spill, const void *data, size_t len, struct lcap_error *error);
/* Puts the run into the table in place of `replaced` runs from `first` on, in their order. */
int spill_end_run(struct spill *spill, size_t first, size_t replaced, struct lcap_error *error);

/* Reads exactly `len` bytes; a file that ends before is an error. */
int spill_read(const struct spill *spill, uint64_t offset, void *data, size_t len,
               struct lcap_error *error);

#endif
