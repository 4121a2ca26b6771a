/* A part of the metadata: what a regular expression (POSIX, extended) finds in it. */
#ifndef DATASET_PARTITION_METADATA_PART_H
#define DATASET_PARTITION_METADATA_PART_H

#include "base/sample_registry.h"
#include <regex.h>

struct metadata_part {
    regex_t pattern;
    bool used; /* false: all of the metadata */
};

/* `pattern` NULL: all of the metadata. After an error, there is nothing to release. */
int metadata_part_init(struct metadata_part *part, const char *pattern, struct lcap_error *error);

/* Its first group in parentheses, or without one the whole match. False if nothing matches. */
bool metadata_part_find(const struct metadata_part *part, const struct sample *sample,
                        const char **text, size_t *len);
void metadata_part_release(struct metadata_part *part);

#endif
