/*
 * The files of a directory that somebody else may have made, and their sums. Names are
 * only read from the directory itself: a link, or a name that no published set has, is
 * found and never opened.
 */
#ifndef DATASET_PUBLISH_PUBLISH_TREE_H
#define DATASET_PUBLISH_PUBLISH_TREE_H

#include "base/findings.h"
#include "dataset/publish/publish_listing.h"

struct publish_tree {
    const char *directory;
    struct publish_listing listing; /* sorted */
    struct findings *findings;      /* what is wrong is added to them */
};

/* Lists the files, and takes their sums. Release the tree even after an error. */
int publish_tree_read(struct publish_tree *tree, const char *directory, struct findings *findings,
                      struct lcap_error *error);
void publish_tree_release(struct publish_tree *tree);

/* Compares with SHA256SUMS, which must name each of the other files. */
int publish_tree_check_sums(const struct publish_tree *tree, struct lcap_error *error);

/* Adds an error about a file; NULL: about all of them. */
int publish_tree_complain(const struct publish_tree *tree, const char *name,
                          struct lcap_error *error, const char *format, ...) LCAP_PRINTF(4, 5);

#endif
