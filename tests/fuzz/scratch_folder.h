/*
 * For targets that need files: a folder in memory, which is the current one between enter and
 * leave, and which its user empties.
 */
#ifndef FUZZ_SCRATCH_FOLDER_H
#define FUZZ_SCRATCH_FOLDER_H

#include "base/io/remove_tree.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[] = "/dev/shm/labelcap-fuzz-XXXXXX";
static int scratch_home = -1; /* the folder that the corpus may be named from */

static inline void remove_scratch_folder(void)
{
    if (rmdir(scratch_folder) < 0)
        fprintf(stderr, "%s stays\n", scratch_folder);
}

static inline void enter_scratch_folder(void)
{
    if (scratch_home < 0) {
        scratch_home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (scratch_home < 0 || !mkdtemp(scratch_folder) || atexit(remove_scratch_folder) != 0)
            abort();
    }
    if (chdir(scratch_folder) < 0)
        abort();
}

static inline void leave_scratch_folder(void)
{
    if (fchdir(scratch_home) < 0)
        abort();
}

/* Removes what is in the current folder. */
static inline void empty_scratch_folder(void)
{
    DIR *folder = opendir(".");
    const struct dirent *entry;
    if (!folder)
        abort();
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree(entry->d_name);
    closedir(folder);
}

static inline void write_file(const char *path, const uint8_t *data, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) < 0)
        abort();
}

static inline void require(bool good)
{
    if (!good)
        abort();
}

static inline bool is_same_file(const char *a, const char *b)
{
    char left[4096], right[4096];
    size_t left_len, right_len;
    FILE *first = fopen(a, "rb");
    FILE *second = fopen(b, "rb");
    require(first && second);
    bool same = true;
    do {
        left_len = fread(left, 1, sizeof left, first);
        right_len = fread(right, 1, sizeof right, second);
        same = left_len == right_len && memcmp(left, right, left_len) == 0;
    } while (same && left_len > 0);
    fclose(first);
    fclose(second);
    return same;
}

#endif
