/*
 * Where an output goes. A regular file is written under a temporary name in the
 * same directory and renamed when it is complete; a FIFO, a device and an open
 * descriptor ("-", /dev/stdout, /dev/fd/N) are written directly.
 */
#ifndef BASE_IO_TARGET_H
#define BASE_IO_TARGET_H

#include <labelcap/error.h>
#include <stdbool.h>

/* "-" in words, any other path as it is: for messages. */
const char *target_name(const char *path);

/* Whether the output is not a file, so nothing can be created beside it: standard output, a
 * pipe, a device. */
bool target_is_stream(const char *path);

/* LCAP_ERR_ARGUMENT: no directory can be written to `path`, which is "" or "-". */
int target_check_directory_name(const char *path, struct lcap_error *error);

/* Likewise; LCAP_ERR_IO if it is no directory. */
int target_check_directory(const char *path, struct lcap_error *error);

/* Likewise; sets *place to where the directory is or will be, allocated. */
int target_find_directory(const char *path, char **place, bool *exists, struct lcap_error *error);

/* Sets *end to the path at the end of symbolic links, allocated; there need not be a file. */
int target_follow_links(const char *path, char **end, struct lcap_error *error);

/* LCAP_ERR_IO if there is a file at `path`, which target_open() would have to replace. */
int target_check_free(const char *path, struct lcap_error *error);

struct target {
    char *name; /* for messages */
    int fd;
    bool owns_fd;
    bool replace;    /* an existing file */
    bool is_private; /* a regular file is for its owner only, whatever it replaces */
    bool no_sync;    /* do not wait until the file is on the disk; set after opening */
    char *final;     /* the final path, with links resolved */
    char *temporary; /* NULL: written directly */
};

/* The caller holds the struct; after a failure, there is nothing to release. */
int target_open(struct target *target, const char *path, bool replace, bool is_private,
                struct lcap_error *error);

/*
 * Syncs, closes and renames the file, syncs its directory, and releases: after a
 * power failure either the whole file is there or none. After an error, nothing new is
 * left, unless the error is that the directory could not be synced.
 */
int target_finish(struct target *target, struct lcap_error *error);

/*
 * Lets the system write to the disk what it has of the file, and does not wait: then
 * target_finish() waits for little. A live capture would lose packets meanwhile.
 */
void target_begin_sync(const struct target *target);

/* Waits until the names in the directory of `path` are on the disk. */
int target_sync_directory_of(const char *path, struct lcap_error *error);

/* Closes, removes what has been written and releases. */
void target_discard(struct target *target);

#endif
