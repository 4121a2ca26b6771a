/* What a run writes, and where: no output may overwrite another one, or an input. */
#ifndef TABULATE_OUTPUT_PLACE_H
#define TABULATE_OUTPUT_PLACE_H

#include "dataset/sources.h"

struct output_place {
    const char *what; /* in messages */
    const char *path; /* "-": standard output; NULL if it is not written */
};

/* LCAP_ERR_ARGUMENT if both would be written to the same place. */
int output_place_check_pair(struct output_place a, struct output_place b, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT if `path` is one of the inputs. */
int output_place_check_inputs(const char *path, const struct sources *inputs,
                              struct lcap_error *error);

#endif
