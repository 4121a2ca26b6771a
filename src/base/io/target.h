/*
 * Where an output goes. A regular file is written beside its place, under a
 * temporary name, and put there when it is complete; a FIFO, a device and an
 * open descriptor ("-", /dev/stdout, /dev/fd/N) are written as they are.
 */
#ifndef BASE_IO_TARGET_H
#define BASE_IO_TARGET_H

#include <labelcap/error.h>
#include <stdbool.h>

/* Whether there is no file, so that nothing can lie beside it: standard output, a pipe, a device.
 */
bool target_is_stream(const char *path);

/* LCAP_ERR_IO where a file lies at `path`, so that target_open() would have to replace it. */
int target_check_free(const char *path, struct lcap_error *error);

struct target {
    char *name; /* for messages */
    int fd;
    bool owns_fd;
    bool replace;    /* an existing file */
    char *final;     /* where the finished file goes, links followed */
    char *temporary; /* NULL: written directly */
};

/* The caller holds the struct; after a failure there is nothing to release. */
int target_open(struct target *target, const char *path, bool replace, struct lcap_error *error);

/* Closes, puts the file into place and releases. After a failure nothing new is left. */
int target_finish(struct target *target, struct lcap_error *error);

/* Closes, removes what has been written and releases. */
void target_discard(struct target *target);

#endif
