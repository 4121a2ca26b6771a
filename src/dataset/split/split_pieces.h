/*
 * Several threads write the files of samples whose packets stand together: each reads its own
 * piece of the input, which begins and ends between two samples, where the survey has said. The
 * files are the same as those of a walk through the whole.
 */
#ifndef DATASET_SPLIT_SPLIT_PIECES_H
#define DATASET_SPLIT_SPLIT_PIECES_H

#include "dataset/split/split_files.h"

/* Writes all files. `input` is as the survey has left it. */
int split_pieces_write(const struct split_plan *plan, struct input_pass *input,
                       struct split_pass_result *result, struct lcap_error *error);

#endif
