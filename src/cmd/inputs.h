/* The inputs of commands: what the operands stand for, and what became of each. */
#ifndef CMD_INPUTS_H
#define CMD_INPUTS_H

#include "dataset/input_pass.h"
#include "dataset/sources.h"

/*
 * Lists what the operands stand for, without `output` (NULL: there is none),
 * and warns of files that are there twice. The caller releases the list, also
 * after an error.
 */
int inputs_list(struct sources *sources, const char *const *operands, size_t count,
                const char *output, struct lcap_error *error);

/* How a command reads: progress and inputs_tell() on its way. */
struct input_options inputs_options(int pcapml_times);

/*
 * Says what is worth knowing of an input that has been read: damage, nothing in
 * it, odd times. An input_listener.
 */
void inputs_tell(void *nobody, const struct input_outcome *outcome);

/* What a command returns that has come to its end, or to the error `rc`. */
int inputs_status(int rc, const struct input_counts *counts);

#endif
