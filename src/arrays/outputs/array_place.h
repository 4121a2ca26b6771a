/*
 * The directory that arrays are written to: made beside its final place, and renamed
 * when all is complete.
 */
#ifndef ARRAYS_OUTPUTS_ARRAY_PLACE_H
#define ARRAYS_OUTPUTS_ARRAY_PLACE_H

#include "base/io/output.h"

struct array_place {
    char *path;     /* final, without a slash at its end */
    char *building; /* NULL: renamed, or not made yet */
    bool replaces;  /* a directory of arrays, which is removed */
};

/*
 * Makes the directory. LCAP_ERR_IO: there is one already that is not empty; with
 * `overwrite`, one that holds anything but arrays. Release it even after an error.
 */
int array_place_begin(struct array_place *place, const char *path, bool overwrite,
                      struct lcap_error *error);

/* Renames it. */
int array_place_commit(struct array_place *place, bool no_sync, struct lcap_error *error);

/* Removes it, unless it has been renamed. */
void array_place_release(struct array_place *place);

#endif
