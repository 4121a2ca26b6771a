/*
 * Preloaded into a program, fails one call: that of number FAIL_NTH (from 1; 0: none)
 * among those of the kind FAIL_CALL. At the end the number of such calls is written to
 * the file FAIL_COUNT. Kinds: malloc, write, read, sync, rename, close, lseek.
 *
 * The C library's own calls, such as those of stdio, do not come here. Allocations of
 * libraries that do not survive a failure are left alone: libpcap's optimizer and
 * scanner, threads of libzstd, and cells of libxlsxwriter end the process.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

enum kind { KIND_MALLOC, KIND_WRITE, KIND_READ, KIND_SYNC, KIND_RENAME, KIND_CLOSE, KIND_LSEEK };
static const char *const names[] = {"malloc", "write", "read", "sync", "rename", "close", "lseek"};

static int chosen = -1; /* before the program begins nothing fails */
static unsigned long nth;
static atomic_ulong calls;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAIL_CALL");
    const char *number = getenv("FAIL_NTH");
    nth = number ? strtoul(number, NULL, 10) : 0;
    for (int i = 0; name && i <= KIND_LSEEK; i++)
        if (strcmp(name, names[i]) == 0)
            chosen = i;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNT");
    char text[24];
    chosen = -1;
    if (!path)
        return;
    const int len = snprintf(text, sizeof text, "%lu", atomic_load(&calls));
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd >= 0 && syscall(SYS_write, fd, text, (size_t)len) == len)
        syscall(SYS_close, fd);
}

static int fails(enum kind kind)
{
    if ((int)kind != chosen || atomic_fetch_add(&calls, 1) + 1 != nth)
        return 0;
    errno = kind == KIND_MALLOC ? ENOMEM : EIO;
    return 1;
}

static int survives(const void *caller)
{
    static const char *const fragile[] = {"libpcap", "libzstd", "libxlsxwriter", "libminizip"};
    Dl_info info;
    if (!dladdr(caller, &info) || !info.dli_fname)
        return 1;
    for (size_t i = 0; i < sizeof fragile / sizeof *fragile; i++)
        if (strstr(info.dli_fname, fragile[i]))
            return 0;
    return 1;
}

static int allocation_fails(const void *caller)
{
    return chosen == KIND_MALLOC && survives(caller) && fails(KIND_MALLOC);
}

void *malloc(size_t size)
{
    return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    return fails(KIND_WRITE) ? -1 : syscall(SYS_write, fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return fails(KIND_WRITE) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    return pwrite(fd, bytes, len, offset);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    return fails(KIND_READ) ? -1 : syscall(SYS_read, fd, bytes, len);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t offset)
{
    return fails(KIND_READ) ? -1 : syscall(SYS_pread64, fd, bytes, len, offset);
}

ssize_t pread64(int fd, void *bytes, size_t len, off_t offset)
{
    return pread(fd, bytes, len, offset);
}

int fsync(int fd)
{
    return fails(KIND_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(KIND_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int syncfs(int fd)
{
    return fails(KIND_SYNC) ? -1 : (int)syscall(SYS_syncfs, fd);
}

int rename(const char *from, const char *to)
{
    return fails(KIND_RENAME) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return fails(KIND_RENAME) ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* The descriptor is closed all the same, as the kernel does it. */
int close(int fd)
{
    const int failed = fails(KIND_CLOSE);
    const int rc = (int)syscall(SYS_close, fd);
    if (failed)
        errno = EIO;
    return failed ? -1 : rc;
}

off_t lseek(int fd, off_t offset, int whence)
{
    return fails(KIND_LSEEK) ? -1 : syscall(SYS_lseek, fd, offset, whence);
}

off_t lseek64(int fd, off_t offset, int whence)
{
    return lseek(fd, offset, whence);
}
