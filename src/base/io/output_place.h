/* What a run writes, and where: no output may overwrite another one. */
#ifndef BASE_IO_OUTPUT_PLACE_H
#define BASE_IO_OUTPUT_PLACE_H

#include <labelcap/error.h>
#include <stddef.h>

struct output_place {
    const char *what; /* in messages: an option, or "the table" */
    const char *path; /* "-" is standard output; NULL if it is not written */
};

/* LCAP_ERR_ARGUMENT if both are the same place. */
int output_place_check_pair(const struct output_place *a, const struct output_place *b,
                            struct lcap_error *error);

/* LCAP_ERR_ARGUMENT if two of them are the same place. */
int output_place_check_all(const struct output_place *places, size_t count,
                           struct lcap_error *error);

#endif
