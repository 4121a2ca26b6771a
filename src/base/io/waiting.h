/* Waits for pipes and terminals, during which somebody may look on and end the run. */
#ifndef BASE_IO_WAITING_H
#define BASE_IO_WAITING_H

#include <labelcap/error.h>
#include <labelcap/progress.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether this thread has a watcher of its waits; see lcap_watch_waits(). */
bool waiting_is_watched(void);

/* Asks the watcher in the middle of long work. LCAP_ERR_INTERRUPTED: it wants to stop. */
int waiting_look(const struct lcap_progress *progress, struct lcap_error *error);

/*
 * Waits until the descriptor is ready for these events of poll(2), as long as the watcher wants
 * to, or the watcher of the thread if this one has no function. LCAP_ERR_INTERRUPTED: it does not
 * want to go on. Without any watcher, returns at once; the call that follows waits.
 */
int waiting_for(int fd, short events, const struct lcap_watcher *watcher,
                const struct lcap_progress *progress, struct lcap_error *error);

/* Opens a FIFO for writing as soon as somebody reads it, as long as the watcher of the thread
 * wants. Returns the descriptor, or a code. */
int waiting_open_output(const char *path, int flags, struct lcap_error *error);

/* Writes all of it to a pipe or terminal, likewise. */
int waiting_write(int fd, const char *name, const void *data, size_t len, struct lcap_error *error);

#endif
