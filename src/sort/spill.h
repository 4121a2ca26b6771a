/*
 * Runs of sorted records in one unnamed temporary file, appended one after the
 * other. The table of their places is in memory.
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
    uint64_t begun; /* where the current run begins */
    struct run *runs;
    size_t run_count;
    size_t run_capacity;
    uint8_t *buffer; /* borrowed from the caller of spill_begin_run() until spill_end_run() */
    size_t buffer_size;
    size_t buffered;
};

int spill_init(struct spill *spill, const char *directory, struct lcap_error *error);
void spill_release(struct spill *spill);

/* Begins a run, which is not in the table until it is complete. */
int spill_begin_run(struct spill *spill, uint8_t *buffer, size_t buffer_size,
                    struct lcap_error *error);
int spill_write(struct spill *spill, const void *data, size_t len, struct lcap_error *error);
/* Puts the run into the table in place of the `replaced` runs from `first` on. */
int spill_end_run(struct spill *spill, size_t first, size_t replaced, struct lcap_error *error);

/* Reads exactly `len` bytes; it is an error if the file ends earlier. */
int spill_read(const struct spill *spill, uint64_t offset, void *data, size_t len,
               struct lcap_error *error);

#endif
