/* Complete reads and writes of descriptors in spite of signals; which names are the same file. */
#ifndef BASE_IO_FILE_H
#define BASE_IO_FILE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* read(2) that continues after a signal and waits if the descriptor does not block. */
ssize_t file_read(int fd, void *data, size_t len);

/* Writes all of it, likewise. Returns 0, or -1 with errno. */
int file_write(int fd, const void *data, size_t len);

/* Reads at a place of a regular file: `len` bytes, fewer only at its end. Returns how many, or -1
 * with errno. */
ssize_t file_read_at(int fd, void *data, size_t len, uint64_t offset);

/* Writes all of it there. Returns 0, or -1 with errno. */
int file_write_at(int fd, const void *data, size_t len, uint64_t offset);

/*
 * Waits until what has been written is on the disk. Returns 0, also where the file
 * system cannot do that, or -1 with errno.
 */
int file_sync(int fd);

/* The same for the names in a directory; 0 if we may not read it, for then it cannot be opened. */
int file_sync_directory(const char *path);

/* The same for the whole file system that the directory is in. */
int file_sync_system(const char *directory);

/* The part of a path after its last slash; all of it without one. */
const char *file_base_name(const char *path);

/* "DIRECTORY/NAME", or NULL with the error set. Freed with free(). */
char *file_join(const char *directory, const char *name, struct lcap_error *error);

/* Whether the path is that of a regular file, which can be read more than once; "-" is not. */
bool file_is_regular(const char *path);

/* The identity of a file, whatever its name. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

struct file_identity file_identity_of(const struct stat *st);
int file_identity_compare(struct file_identity a, struct file_identity b);

/* What shows that a regular file has been changed, or replaced by another one. */
struct file_stamp {
    bool known; /* false: not a regular file */
    struct file_identity identity;
    uint64_t size;
    struct timespec modified;
};

struct file_stamp file_stamp_of(int fd);
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/* The error that a file is not what it was when it was read before: LCAP_ERR_IO. */
int file_has_changed(const char *name, struct lcap_error *error);

/*
 * Whether the program that writes `output` ("-": standard output) must not read it,
 * and which file it is: an existing file or FIFO. Devices, terminals and sockets
 * may be both input and output.
 */
bool file_is_output_only(const char *output, struct file_identity *identity);

/*
 * Whether both ("-": standard output) are the same file, which may not exist yet. A
 * terminal may be used several times.
 */
bool file_same_place(const char *a, const char *b);

/*
 * An error if `output` ("-": standard output) is one of the inputs ("-": standard
 * input); see file_is_output_only().
 */
int file_check_not_input(const char *output, const char *const *inputs, size_t count,
                         struct lcap_error *error);

/* An error if an input is in the directory, which the caller would replace. NULL is no input. */
int file_check_not_within(const char *directory, const char *const *inputs, size_t count,
                          struct lcap_error *error);

/* Whether a place is the directory or in it; both without links, as of realpath(). */
bool file_is_inside(const char *directory, const char *place);

#endif
