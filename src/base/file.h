/* Descriptors read and written to the end whatever signals say; which names are one file. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* read(2) that goes on after a signal and waits where the descriptor does not block. */
ssize_t file_read(int fd, void *data, size_t len);

/* Writes all of it, likewise. Returns 0, or -1 with errno. */
int file_write(int fd, const void *data, size_t len);

/* Whether both exist and are one file (by device and inode, links followed). */
bool file_same(const char *a, const char *b);

/*
 * An error when `output` is one of the inputs ("-": standard output there,
 * standard input here). Devices and terminals may be both.
 */
int file_check_not_input(const char *output, const char *const *inputs, size_t count,
                         struct lcap_error *error);

#endif
