/* Descriptors read and written to the end whatever signals say; which names are one file. */
#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Whether to try again after a failed call. A terminal or pipe that another
 * program has set to O_NONBLOCK is waited for.
 */
static bool worth_retrying(int fd, short events)
{
    if (errno == EAGAIN) {
        struct pollfd ready = {.fd = fd, .events = events};
        poll(&ready, 1, -1);
        return true;
    }
    return errno == EINTR;
}

ssize_t file_read(int fd, void *data, size_t len)
{
    ssize_t got;
    do
        got = read(fd, data, len);
    while (got < 0 && worth_retrying(fd, POLLIN));
    return got;
}

int file_write(int fd, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && !worth_retrying(fd, POLLOUT))
            return -1;
        if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool file_same(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && same_inode(&of_a, &of_b);
}

/* stat() of a path, or of the descriptor that "-" stands for. */
static bool look_at(const char *path, int standard_fd, struct stat *st)
{
    return (strcmp(path, "-") == 0 ? fstat(standard_fd, st) : stat(path, st)) == 0;
}

int file_check_not_input(const char *output, const char *const *inputs, size_t count,
                         struct lcap_error *error)
{
    struct stat out;
    /* Sockets may well be both ends of one conversation; a FIFO that we feed ourselves never ends.
     */
    if (!look_at(output, STDOUT_FILENO, &out) || !(S_ISREG(out.st_mode) || S_ISFIFO(out.st_mode)))
        return LCAP_OK;
    for (size_t i = 0; i < count; i++) {
        struct stat in;
        if (look_at(inputs[i], STDIN_FILENO, &in) && same_inode(&in, &out))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: is the same file as the input %s",
                                  strcmp(output, "-") == 0 ? "standard output" : output,
                                  strcmp(inputs[i], "-") == 0 ? "standard input" : inputs[i]);
    }
    return LCAP_OK;
}
