/* How far a run is, told now and then to somebody who looks on. */
#ifndef DATASET_PASS_PROGRESS_H
#define DATASET_PASS_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* Blocks between two looks: several looks a second, and no time lost. */
#define PASS_BLOCKS_BETWEEN_LOOKS (1u << 14)

/* No input is being read, but an output written. */
#define PASS_NO_INPUT SIZE_MAX

struct pass_progress {
    const char *phase; /* such as "pass 1 of 2: survey"; NULL: the run has only one */
    const char *name;  /* of the file that is read or written */
    size_t input;      /* its place among the inputs, or PASS_NO_INPUT */
    uint64_t done;     /* bytes of the file … */
    uint64_t size;     /* … out of so many; 0: not known */
};

typedef void pass_watcher(const struct pass_progress *progress);

#endif
