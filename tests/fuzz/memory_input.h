/* The bytes of a fuzz target as an input. */
#ifndef FUZZ_MEMORY_INPUT_H
#define FUZZ_MEMORY_INPUT_H

#include "base/io/input.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static inline struct input *memory_input(const uint8_t *data, size_t size)
{
    struct input *input = NULL;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0 ||
        input_open_fd(&input, fd, "fuzz", NULL) < 0)
        abort();
    return input;
}

#endif
