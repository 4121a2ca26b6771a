/* Descriptors read and written to the end whatever signals say; which names are one file. */
#ifndef BASE_IO_FILE_H
#define BASE_IO_FILE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* read(2) that goes on after a signal and waits where the descriptor does not block. */
ssize_t file_read(int fd, void *data, size_t len);

/* Writes all of it, likewise. Returns 0, or -1 with errno. */
int file_write(int fd, const void *data, size_t len);

/* Reads at a place of a regular file: `len` bytes, fewer only at its end. Returns how many, or -1
 * with errno. */
ssize_t file_read_at(int fd, void *data, size_t len, uint64_t offset);

/* Writes all of it there. Returns 0, or -1 with errno. */
int file_write_at(int fd, const void *data, size_t len, uint64_t offset);

/* Which file it is, under whatever name. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

struct file_identity file_identity_of(const struct stat *st);
int file_identity_compare(struct file_identity a, struct file_identity b);

/*
 * Whether `output` ("-": standard output) must not be read by who writes it,
 * and which file that is: an existing file or FIFO. Devices, terminals and
 * sockets may well be both ends.
 */
bool file_is_output_only(const char *output, struct file_identity *identity);

/*
 * Whether what is written to both ("-": standard output) goes to one place: one
 * file, or one that is yet to be made. A terminal may be several places at once.
 */
bool file_same_place(const char *a, const char *b);

/*
 * An error when `output` is one of the inputs ("-": standard output there,
 * standard input here), by file_is_output_only().
 */
int file_check_not_input(const char *output, const char *const *inputs, size_t count,
                         struct lcap_error *error);

#endif
