/* Waiting in short steps, and asking a watcher between them. */
#include "base/io/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

/* How often the watcher is asked. */
#define WAIT_MS 100

static _Thread_local struct lcap_watcher of_thread;

void lcap_watch_waits(const struct lcap_watcher *watcher)
{
    static const struct lcap_watcher nobody;
    of_thread = watcher ? *watcher : nobody;
}

bool waiting_is_watched(void)
{
    return of_thread.look;
}

static int ask(const struct lcap_watcher *watcher, const struct lcap_progress *progress,
               struct lcap_error *error)
{
    return watcher->look(watcher->context, progress)
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_INTERRUPTED, "%s: interrupted", progress->name);
}

int waiting_look(const struct lcap_progress *progress, struct lcap_error *error)
{
    return of_thread.look ? ask(&of_thread, progress, error) : LCAP_OK;
}

int waiting_for(int fd, short events, const struct lcap_watcher *watcher,
                const struct lcap_progress *progress, struct lcap_error *error)
{
    const struct lcap_watcher asked = watcher->look ? *watcher : of_thread;
    struct pollfd ready = {.fd = fd, .events = events};
    int found = 0, rc = LCAP_OK;
    while (asked.look && rc == LCAP_OK && (found == 0 || (found < 0 && errno == EINTR))) {
        found = poll(&ready, 1, WAIT_MS);
        rc = found <= 0 ? ask(&asked, progress, error) : LCAP_OK;
    }
    return rc;
}

/* Without a reader, open() fails at once if it must not wait. Nor will writes wait. */
int waiting_open_output(const char *path, int flags, struct lcap_error *error)
{
    const struct lcap_progress progress = {.name = path, .input = LCAP_NO_INPUT};
    int fd;
    while ((fd = open(path, flags | O_NONBLOCK)) < 0 && (errno == ENXIO || errno == EINTR)) {
        poll(NULL, 0, WAIT_MS);
        const int rc = ask(&of_thread, &progress, error);
        if (rc < 0)
            return rc;
    }
    return fd >= 0 ? fd : lcap_error_set_errno(error, errno, "%s: cannot open", path);
}

/* How much may be written without waiting once the descriptor is ready: a pipe has room for
 * PIPE_BUF bytes then, and takes what fits of more unless its writes wait. */
static size_t most_at_once(int fd)
{
    return fcntl(fd, F_GETFL) & O_NONBLOCK ? SIZE_MAX : PIPE_BUF;
}

int waiting_write(int fd, const char *name, const void *data, size_t len, struct lcap_error *error)
{
    const struct lcap_progress progress = {.name = name, .input = LCAP_NO_INPUT};
    const size_t most = most_at_once(fd);
    const uint8_t *at = data;
    int rc = LCAP_OK;
    while (len > 0 && (rc = waiting_for(fd, POLLOUT, &of_thread, &progress, error)) == LCAP_OK) {
        const ssize_t written = write(fd, at, len < most ? len : most);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            return lcap_error_set_errno(error, errno, "%s: cannot write", name);
        if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }
    return rc;
}
