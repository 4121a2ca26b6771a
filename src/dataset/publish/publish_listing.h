/* The files of a published set, by their names below its directory, with sizes and sums. */
#ifndef DATASET_PUBLISH_PUBLISH_LISTING_H
#define DATASET_PUBLISH_PUBLISH_LISTING_H

#include "base/hash.h"
#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct publish_file {
    char *name;
    uint64_t size;
    char sha256[HASH_SHA256_TEXT];
};

/* All zero: no file. */
struct publish_listing {
    struct publish_file *files;
    size_t count, capacity;
};

/*
 * Adds a file under `name`: the one at `path`, which is relative to the directory that is open as
 * `folder`, as in openat(2). A link is an error, and nothing else waits. Returns 1, 0 if it is
 * not there, or a code.
 */
int publish_listing_add(struct publish_listing *listing, int folder, const char *path,
                        const char *name, struct lcap_error *error);

/* NULL if there is no such file. */
const struct publish_file *publish_listing_find(const struct publish_listing *listing,
                                                const char *name);

/* By name, bytewise. */
void publish_listing_sort(struct publish_listing *listing);
void publish_listing_release(struct publish_listing *listing);

#endif
