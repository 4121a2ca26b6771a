/*
 * For targets that need files: a folder in memory, which is the current one between enter and
 * leave, and which its user empties.
 */
#ifndef FUZZ_SCRATCH_FOLDER_H
#define FUZZ_SCRATCH_FOLDER_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static inline void write_file(const char *path, const uint8_t *data, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) < 0)
        abort();
}

#endif
