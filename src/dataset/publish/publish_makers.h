/*
 * The files of a published set that follow from its data, but need more than this layer has.
 * Who publishes or verifies says how they are made.
 */
#ifndef DATASET_PUBLISH_PUBLISH_MAKERS_H
#define DATASET_PUBLISH_PUBLISH_MAKERS_H

#include "dataset/input_pass.h"

/* What they are made of. */
struct publish_sources {
    const char *data;                  /* the labelled packets */
    const char *splits;                /* a folder of lists, or NULL */
    const char *name;                  /* of the data set */
    const struct input_options *input; /* threads and watcher, on which no byte depends */
};

/* Writes a file. */
typedef int publish_maker(const struct publish_sources *from, const char *path,
                          struct lcap_error *error);

/* NULL: this file is not made. */
struct publish_makers {
    publish_maker *flows, *report;
};

#endif
