/*
 * Progress on standard error: nothing in the first second, nothing where it is no
 * terminal, then a line that is redrawn a few times a second and never wraps.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "dataset/sources.h"
#include <labelcap/progress.h>

/* The inputs of the run, so that shares are of all of them; they outlive it. */
void progress_of_sources(const struct sources *sources);

/* A watcher, which always goes on. */
bool progress_show(void *unused, const struct lcap_progress *progress);

/* Takes the line away. */
void progress_end(void);

#endif
