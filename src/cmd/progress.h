/*
 * Progress on standard error: nothing in the first second, nothing where it is no
 * terminal, then a line that is redrawn a few times a second and never wraps.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "dataset/pass_progress.h"
#include "dataset/sources.h"

/* The inputs of the run, so that shares are of all of them; they outlive it. */
void progress_of_sources(const struct sources *sources);

/* A pass_watcher. */
void progress_show(const struct pass_progress *progress);

/* Takes the line away. */
void progress_end(void);

#endif
