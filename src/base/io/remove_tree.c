/* Removal of files and of directories with their contents; safe in a signal handler. */
#include "base/io/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Our own output directories are one or two levels deep; deeper ones are not ours. */
#define MAX_DEPTH 8

/* NOLINTBEGIN(misc-no-recursion): at most MAX_DEPTH deep, whatever is on the disk */

static void empty_directory(int directory, int depth);

static bool remove_entry(int directory, const char *name, int depth)
{
    if (unlinkat(directory, name, 0) == 0)
        return true;
    if (errno != EISDIR || depth == MAX_DEPTH)
        return false;
    int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) {
        empty_directory(below, depth + 1);
        close(below);
    }
    return unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

/* opendir() allocates memory, which a signal handler must not do; getdents64() is the bare system
 * call. */
static bool remove_listed(int directory, int depth)
{
    alignas(struct dirent64) char list[4096];
    ssize_t len;
    bool removed = false;
    while ((len = getdents64(directory, list, sizeof list)) > 0) {
        for (ssize_t at = 0; at < len;) {
            const struct dirent64 *entry = (const struct dirent64 *)(list + at);
            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                removed |= remove_entry(directory, entry->d_name, depth);
        }
    }
    return removed;
}

/* Some file systems skip entries if others are removed during a listing: repeats until none is
 * removed. */
static void empty_directory(int directory, int depth)
{
    while (remove_listed(directory, depth))
        lseek(directory, 0, SEEK_SET);
}

/* NOLINTEND(misc-no-recursion) */

void remove_tree(const char *path)
{
    remove_entry(AT_FDCWD, path, 0);
}
