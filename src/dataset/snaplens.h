/*
 * Whether the snap lengths of a capture are sound: all alike, and no packet longer.
 * A file that is written can be corrected; for streams and compressed files it has
 * to be known in advance.
 */
#ifndef DATASET_SNAPLENS_H
#define DATASET_SNAPLENS_H

#include "dataset/input_pass.h"

/* Reads a regular file to its end. False for other inputs: what they hold is not known yet. */
bool snaplens_are_sound(const char *path, const struct input_options *options);

#endif
