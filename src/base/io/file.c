/* Complete reads and writes of descriptors in spite of signals; which names are the same file. */
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Whether to try again after a failed call. Waits for a terminal or pipe that
 * another program has set to O_NONBLOCK.
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

ssize_t file_read_at(int fd, void *data, size_t len, uint64_t offset)
{
    uint8_t *at = data;
    size_t left = len;
    while (left > 0) {
        ssize_t got = pread(fd, at, left, (off_t)offset);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        if (got > 0) {
            at += got;
            left -= (size_t)got;
            offset += (uint64_t)got;
        }
    }
    return (ssize_t)(len - left);
}

int file_write_at(int fd, const void *data, size_t len, uint64_t offset)
{
    const uint8_t *at = data;
    while (len > 0) {
        ssize_t written = pwrite(fd, at, len, (off_t)offset);
        if (written == 0)
            errno = EIO;
        if (written <= 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            at += written;
            len -= (size_t)written;
            offset += (uint64_t)written;
        }
    }
    return 0;
}

static bool cannot_sync(void)
{
    return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
}

int file_sync(int fd)
{
    return TEMP_FAILURE_RETRY(fsync(fd)) == 0 || cannot_sync() ? 0 : -1;
}

static int sync_directory(const char *path, int (*sync)(int))
{
    const int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd < 0)
        return errno == EACCES ? 0 : -1;
    const int rc = sync(fd);
    const int errnum = errno;
    close(fd);
    errno = errnum;
    return rc;
}

int file_sync_directory(const char *path)
{
    return sync_directory(path, file_sync);
}

int file_sync_system(const char *directory)
{
    return sync_directory(directory, syncfs);
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

struct file_identity file_identity_of(const struct stat *st)
{
    return (struct file_identity){.device = st->st_dev, .inode = st->st_ino};
}

int file_identity_compare(struct file_identity a, struct file_identity b)
{
    if (a.device != b.device)
        return a.device < b.device ? -1 : 1;
    return a.inode < b.inode ? -1 : a.inode > b.inode;
}

struct file_stamp file_stamp_of(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return (struct file_stamp){.known = false};
    return (struct file_stamp){.known = true,
                               .identity = file_identity_of(&st),
                               .size = (uint64_t)st.st_size,
                               .modified = st.st_mtim};
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->known == b->known && file_identity_compare(a->identity, b->identity) == 0 &&
           a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec;
}

int file_has_changed(const char *name, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: changed between two passes over it: try again when nothing writes "
                          "to it any more",
                          name);
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return file_identity_compare(file_identity_of(a), file_identity_of(b)) == 0;
}

/* stat() of a path, or of the descriptor that "-" stands for. */
static bool look_at(const char *path, int standard_fd, struct stat *st)
{
    return (strcmp(path, "-") == 0 ? fstat(standard_fd, st) : stat(path, st)) == 0;
}

bool file_is_output_only(const char *output, struct file_identity *identity)
{
    struct stat st;
    /* A FIFO that we write to ourselves never ends. */
    if (!look_at(output, STDOUT_FILENO, &st) || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)))
        return false;
    *identity = file_identity_of(&st);
    return true;
}

const char *file_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *file_join(const char *directory, const char *name, struct lcap_error *error)
{
    return memory_format_text(error, "%s/%s", directory, name);
}

static bool look_at_directory_of(const char *path, struct stat *st)
{
    char directory[PATH_MAX];
    const int len = (int)(file_base_name(path) - path);
    return snprintf(directory, sizeof directory, "%.*s", len ? len : 1, len ? path : ".") <
               (int)sizeof directory &&
           stat(directory, st) == 0;
}

bool file_same_place(const char *a, const char *b)
{
    struct stat of_a, of_b;
    if (strcmp(a, "-") == 0 && strcmp(b, "-") == 0)
        return true;
    const bool a_exists = look_at(a, STDOUT_FILENO, &of_a);
    const bool b_exists = look_at(b, STDOUT_FILENO, &of_b);
    if (a_exists && b_exists)
        return same_inode(&of_a, &of_b) && !S_ISCHR(of_a.st_mode);
    return !a_exists && !b_exists && strcmp(file_base_name(a), file_base_name(b)) == 0 &&
           look_at_directory_of(a, &of_a) && look_at_directory_of(b, &of_b) &&
           same_inode(&of_a, &of_b);
}

int file_check_not_input(const char *output, const char *const *inputs, size_t count,
                         struct lcap_error *error)
{
    struct file_identity out;
    if (!file_is_output_only(output, &out))
        return LCAP_OK;
    for (size_t i = 0; i < count; i++) {
        struct stat in;
        if (look_at(inputs[i], STDIN_FILENO, &in) &&
            file_identity_compare(file_identity_of(&in), out) == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: is the same file as the input %s",
                                  target_name(output),
                                  strcmp(inputs[i], "-") == 0 ? "standard input" : inputs[i]);
    }
    return LCAP_OK;
}

int file_check_not_within(const char *directory, const char *const *inputs, size_t count,
                          struct lcap_error *error)
{
    char *outer = realpath(directory, NULL);
    int rc = LCAP_OK;
    for (size_t i = 0; outer && i < count && rc == LCAP_OK; i++) {
        char *inner = inputs[i] ? realpath(inputs[i], NULL) : NULL;
        if (inner && file_is_inside(outer, inner))
            rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s: is in %s, which would be replaced: choose another directory",
                                inputs[i], directory);
        free(inner);
    }
    free(outer);
    return rc;
}

bool file_is_inside(const char *directory, const char *place)
{
    const size_t len = strlen(directory);
    return strncmp(place, directory, len) == 0 &&
           (place[len] == '/' || place[len] == '\0' || directory[len - 1] == '/');
}
