/*
 * The directory that publish makes: built beside its place and renamed into it, so
 * that it is there whole or not at all.
 */
#ifndef DATASET_PUBLISH_PUBLISH_DIRECTORY_H
#define DATASET_PUBLISH_PUBLISH_DIRECTORY_H

#include "base/io/output.h"
#include <labelcap/error.h>
#include <stdbool.h>

struct publish_directory {
    char *path;     /* the final place, links resolved */
    char *building; /* beside it; NULL before and after */
    char *older;    /* what it replaces: a name beside it, or NULL */
    bool no_sync;
};

/*
 * LCAP_ERR_ARGUMENT if the place is taken: by anything but an empty directory, or, if it may
 * be overwritten, an older published set. Release it even after an error.
 */
int publish_directory_begin(struct publish_directory *directory, const char *path,
                            const struct output_options *options, struct lcap_error *error);

/* Makes a directory in it, unless it is there. */
int publish_directory_make(const struct publish_directory *directory, const char *name,
                           struct lcap_error *error);

/* Moves it into place. */
int publish_directory_finish(struct publish_directory *directory, struct lcap_error *error);

/* Removes what was not finished. */
void publish_directory_release(struct publish_directory *directory);

#endif
