/*
 * Directories that look like classes: captures without labels, each in a folder of the
 * directory that was given. Their names are probably what a classifier is to predict.
 */
#ifndef DATASET_CLASS_FOLDERS_H
#define DATASET_CLASS_FOLDERS_H

#include "base/result.h"
#include "dataset/sources.h"

/* All zero: no source yet. */
struct class_folders {
    size_t count;
    bool others;        /* a capture is in no folder of a directory */
    const char *latest; /* the path of a source in it, below the directory */
};

/* Takes a source that is a capture, in the order of the list. */
void class_folders_add(struct class_folders *folders, const struct source *source);

/* Tells what to do about it if there are several of them and no packet has a label. */
void class_folders_find(const struct class_folders *folders, uint64_t labelled,
                        struct result *result);

#endif
