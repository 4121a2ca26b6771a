/* Where an output goes: to a temporary file that is renamed, or directly to a pipe or device. */
#include "base/io/target.h"

#include "base/buffer.h"
#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as many as the kernel follows, path_resolution(7) */

#define PART_SUFFIX ".part"

/* The text after the prefix `start` of `text`, or NULL. */
static const char *after(const char *text, const char *start)
{
    size_t len = strlen(start);
    return strncmp(text, start, len) == 0 ? text + len : NULL;
}

/* N if the name stands for descriptor N, or -1. */
static int descriptor_of(const char *path)
{
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    uint64_t fd;
    const char *number = after(path, "/dev/fd/");
    if (!number)
        number = after(path, "/proc/self/fd/");
    return number && text_to_u64(number, strlen(number), &fd) && fd <= INT_MAX ? (int)fd : -1;
}

bool target_is_stream(const char *path)
{
    struct stat st;
    return descriptor_of(path) >= 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

int target_check_directory_name(const char *path, struct lcap_error *error)
{
    if (path[0] == '\0')
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "'' is not a directory name");
    if (strcmp(path, "-") == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "-: the output is a directory of files, not a stream: name one");
    return LCAP_OK;
}

const char *target_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

int target_check_directory(const char *path, struct lcap_error *error)
{
    struct stat st;
    const int rc = target_check_directory_name(path, error);
    if (rc < 0)
        return rc;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        return lcap_error_set(error, LCAP_ERR_IO, "%s: is a file, not a directory", path);
    return LCAP_OK;
}

int target_find_directory(const char *path, char **place, bool *exists, struct lcap_error *error)
{
    struct stat st;
    size_t len = strlen(path);
    const int rc = target_check_directory(path, error);
    if (rc < 0)
        return rc;
    *place = realpath(path, NULL);
    *exists = *place != NULL;
    if (*exists)
        return LCAP_OK;
    if (errno != ENOENT)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    *place = memory_copy_text(path, len, error);
    if (!*place)
        return LCAP_ERR_MEMORY;
    if (lstat(*place, &st) == 0)
        return lcap_error_set(error, LCAP_ERR_IO, "%s: is a broken symbolic link", path);
    return LCAP_OK;
}

/* The target of the link at `path`. */
static char *link_target(const char *path, const char *link, size_t len, struct lcap_error *error)
{
    if (link[0] == '/')
        return memory_copy_text(link, len, error);
    char *directory = tempfile_directory_of(path, error);
    struct buffer joined = {0};
    char *target = NULL;
    if (directory && buffer_printf(&joined, error, "%s/%.*s", directory, (int)len, link) == 0)
        target = memory_copy_text((const char *)joined.data, joined.len, error);
    buffer_release(&joined);
    free(directory);
    return target;
}

/* realpath() requires that the file exists, and takes the name of a descriptor for that of a file.
 */
int target_follow_links(const char *path, char **end, struct lcap_error *error)
{
    char *at = memory_copy_text(path, strlen(path), error);
    for (int links = 0; at && links <= MAX_LINKS; links++) {
        char link[PATH_MAX];
        ssize_t len = descriptor_of(at) >= 0 ? -1 : readlink(at, link, sizeof link);
        if (len < 0) {
            *end = at;
            return LCAP_OK;
        }
        char *next = link_target(at, link, (size_t)len, error);
        free(at);
        at = next;
    }
    if (!at)
        return LCAP_ERR_MEMORY;
    free(at);
    return lcap_error_set_errno(error, ELOOP, "%s: cannot open", path);
}

static int exists_already(const char *path, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_IO, "%s: already exists (use -f to replace it)", path);
}

int target_check_free(const char *path, struct lcap_error *error)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? exists_already(path, error) : LCAP_OK;
}

/* A copy of an open descriptor keeps its position: `>>` continues to append. */
static int open_descriptor(struct target *t, int fd, struct lcap_error *error)
{
    t->owns_fd = strcmp(t->name, "standard output") != 0;
    t->fd = t->owns_fd ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : fd;
    if (t->fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", t->name);
    return LCAP_OK;
}

static int open_in_place(struct target *t, const char *path, struct lcap_error *error)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
    t->fd = waiting_is_watched() ? waiting_open_output(path, flags, error)
                                 : TEMP_FAILURE_RETRY(open(path, flags));
    t->owns_fd = t->fd >= 0;
    if (t->owns_fd)
        return LCAP_OK;
    return waiting_is_watched() ? t->fd
                                : lcap_error_set_errno(error, errno, "%s: cannot open", t->name);
}

/* Opens the temporary file. `old` is the file that will be replaced; NULL if there is none. */
static int open_beside(struct target *t, const struct stat *old, struct lcap_error *error)
{
    char *directory = tempfile_directory_of(t->final, error);
    char *path = directory ? file_join(directory, ".labelcap-XXXXXX" PART_SUFFIX, error) : NULL;
    int rc = LCAP_ERR_MEMORY;
    if (path)
        rc = (t->is_private ? tempfile_create_private
                            : tempfile_create)(path, (int)strlen(PART_SUFFIX), error);
    free(directory);
    if (rc < 0) {
        free(path);
        return rc;
    }
    t->fd = rc;
    t->owns_fd = true;
    t->temporary = path;
    if (old && !t->is_private && fchmod(t->fd, old->st_mode & 0777) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot keep its permissions", t->name);
    return LCAP_OK;
}

static int open_path(struct target *t, const char *path, struct lcap_error *error)
{
    size_t len = strlen(path);
    if (len == 0 || path[len - 1] == '/')
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "'%s' is not a file name", path);
    int rc = target_follow_links(path, &t->final, error);
    if (rc < 0)
        return rc;
    int fd = descriptor_of(t->final);
    if (fd >= 0)
        return open_descriptor(t, fd, error);

    struct stat st;
    if (stat(path, &st) < 0) {
        if (errno == ENOENT)
            return open_beside(t, NULL, error);
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    }
    if (S_ISDIR(st.st_mode))
        return lcap_error_set(error, LCAP_ERR_IO, "%s: is a directory, not a file", path);
    if (!S_ISREG(st.st_mode))
        return open_in_place(t, path, error);
    return t->replace ? open_beside(t, &st, error) : exists_already(t->name, error);
}

void target_discard(struct target *target)
{
    if (target->owns_fd)
        close(target->fd);
    if (target->temporary)
        tempfile_remove(target->temporary);
    free(target->temporary);
    free(target->final);
    free(target->name);
    *target = (struct target){.fd = -1};
}

int target_open(struct target *target, const char *path, bool replace, bool is_private,
                struct lcap_error *error)
{
    const char *name = target_name(path);
    *target = (struct target){.fd = -1, .replace = replace, .is_private = is_private};
    target->name = memory_copy_text(name, strlen(name), error);
    int rc = target->name ? open_path(target, path, error) : LCAP_ERR_MEMORY;
    if (rc < 0)
        target_discard(target);
    return rc;
}

/* For file systems where renameat2() cannot spare an existing file. */
static int link_into_place(const struct target *t)
{
    if (link(t->temporary, t->final) == 0) {
        unlink(t->temporary);
        return 0;
    }
    if (errno == EEXIST)
        return -1;
    /* No hard links either (FAT, some network file systems): check, then rename. */
    if (access(t->final, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(t->temporary, t->final);
}

static int put_into_place(struct target *t, struct lcap_error *error)
{
    int rc;
    if (t->replace)
        rc = rename(t->temporary, t->final);
    else
        rc = renameat2(AT_FDCWD, t->temporary, AT_FDCWD, t->final, RENAME_NOREPLACE);
    if (rc < 0 && !t->replace && (errno == EINVAL || errno == ENOSYS))
        rc = link_into_place(t);
    if (rc == 0) {
        tempfile_forget(t->temporary);
        free(t->temporary);
        t->temporary = NULL;
        return LCAP_OK;
    }
    if (errno == EEXIST)
        return exists_already(t->name, error);
    return lcap_error_set_errno(error, errno, "%s: cannot move the finished file into place",
                                t->name);
}

void target_begin_sync(const struct target *target)
{
    if (target->temporary && !target->no_sync)
        (void)sync_file_range(target->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int target_sync_directory_of(const char *path, struct lcap_error *error)
{
    char *directory = tempfile_directory_of(path, error);
    if (!directory)
        return LCAP_ERR_MEMORY;
    int rc = LCAP_OK;
    if (file_sync_directory(directory) < 0)
        rc = lcap_error_set_errno(error, errno, "%s: cannot sync the directory", directory);
    free(directory);
    return rc;
}

int target_finish(struct target *target, struct lcap_error *error)
{
    const bool sync = target->temporary && !target->no_sync;
    int rc = LCAP_OK;
    if (sync && file_sync(target->fd) < 0)
        rc = lcap_error_set_errno(error, errno, "%s: cannot write", target->name);
    /* Linux closes the descriptor even if it returns EINTR. */
    if (target->owns_fd && close(target->fd) < 0 && errno != EINTR && rc == LCAP_OK)
        rc = lcap_error_set_errno(error, errno, "%s: cannot write", target->name);
    target->owns_fd = false;
    if (rc == LCAP_OK && target->temporary)
        rc = put_into_place(target, error);
    if (rc == LCAP_OK && sync)
        rc = target_sync_directory_of(target->final, error);
    target_discard(target);
    return rc;
}
