/* For tests that touch files: a directory of their own, which is the current one, and helpers. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static char scratch_path[64];

static inline int scratch_enter(void **state)
{
    (void)state;
    strcpy(scratch_path, "/tmp/labelcap-test-XXXXXX");
    return mkdtemp(scratch_path) && chdir(scratch_path) == 0 ? 0 : -1;
}

/* Runs a command by the shell; its status must be 0. */
static inline void run(const char *command)
{
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static inline int scratch_leave(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch_path);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1; /* NOLINT(cert-env33-c) */
}

struct bytes {
    uint8_t *data;
    size_t len;
};

static inline struct bytes slurp(const char *path)
{
    struct bytes all = {0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = 1;
    while (got > 0) {
        all.data = realloc(all.data, all.len + 65536);
        assert_non_null(all.data);
        got = read(fd, all.data + all.len, 65536);
        assert_true(got >= 0);
        all.len += (size_t)got;
    }
    close(fd);
    return all;
}

static inline void spill(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static inline void assert_file_holds(const char *path, const void *data, size_t len)
{
    struct bytes all = slurp(path);
    assert_int_equal(all.len, len);
    assert_memory_equal(all.data, data, len);
    free(all.data);
}

static inline size_t entries_of(const char *directory)
{
    size_t count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

/* As many bytes that look like a capture: runs that repeat, numbers that count, noise. */
static inline struct bytes make_sample(size_t len)
{
    struct bytes sample = {malloc(len), len};
    assert_non_null(sample.data);
    uint32_t noise = 1;
    for (size_t i = 0; i < len; i++) {
        noise = noise * 1664525u + 1013904223u;
        sample.data[i] = (uint8_t)(i % 64 < 24 ? noise >> 24 : i % 64 < 32 ? i >> 8 : i % 7);
    }
    return sample;
}

/* How a forked child ended. */
static inline int wait_for(pid_t child)
{
    int status = -1;
    assert_int_equal(TEMP_FAILURE_RETRY(waitpid(child, &status, 0)), child);
    return status;
}

static inline void assert_exited_well(pid_t child)
{
    int status = wait_for(child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#endif
