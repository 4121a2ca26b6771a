/* The inputs of commands that take several. */
#ifndef CMD_INPUTS_H
#define CMD_INPUTS_H

#include "dataset/sources.h"

/*
 * Lists what the operands stand for, without `output` (NULL: there is none),
 * and warns of files that are there twice. The caller releases the list, also
 * after an error.
 */
int inputs_list(struct sources *sources, const char *const *operands, size_t count,
                const char *output, struct lcap_error *error);

#endif
