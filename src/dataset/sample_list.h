/* metadata.csv: the files of a directory of samples, and their labels. */
#ifndef DATASET_SAMPLE_LIST_H
#define DATASET_SAMPLE_LIST_H

#include "base/buffer.h"
#include "base/intern.h"
#include <labelcap/error.h>

#define SAMPLE_LIST_NAME "metadata.csv"

/* Appends the header. */
int sample_list_begin(struct buffer *list, struct lcap_error *error);

/*
 * Appends a row. A list is text for any reader of CSV, so bytes of the label
 * that are no UTF-8, and NUL, become U+FFFD.
 */
int sample_list_add(struct buffer *list, const char *file, const char *label, size_t label_len,
                    struct lcap_error *error);

/*
 * Adds the names that the list at `path` gives to files beside it. A file with
 * another header is an error: it is somebody's metadata.csv, but no such list.
 */
int sample_list_read(const char *path, struct intern *names, struct lcap_error *error);

#endif
