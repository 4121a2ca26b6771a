/* The inputs of commands: lists them, and reports their outcomes. */
#ifndef CMD_INPUTS_H
#define CMD_INPUTS_H

#include "cmd/shared_options.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"

/*
 * Lists what the operands stand for, without `output` (NULL if there is none), and
 * warns about duplicate files. The caller releases the list, even after an error.
 */
int inputs_list(struct sources *sources, const char *const *operands, size_t count,
                const char *output, struct lcap_error *error);

/* Warns about duplicate files and tells what is left out. */
void inputs_tell_list(const struct sources *sources);

/* The same, and progress is that of these inputs. */
void inputs_announce(const struct sources *sources);

/* How a command reads: with progress and inputs_tell(). */
struct input_options inputs_options(const struct reading_args *reading);

/*
 * Reports on an input that has been read: damage, no contents, unusual times. An
 * input_listener.
 */
void inputs_tell(void *nobody, const struct input_outcome *outcome);

/* What a command returns at its end, or after the error `rc`. */
int inputs_status(int rc, const struct input_counts *counts);

#endif
