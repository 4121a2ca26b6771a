/* metadata.csv: the files of a directory of samples, and their metadata. */
#ifndef DATASET_SPLIT_SAMPLE_LIST_H
#define DATASET_SPLIT_SAMPLE_LIST_H

#include "base/buffer.h"
#include "base/intern.h"
#include <labelcap/error.h>

#define SAMPLE_LIST_NAME "metadata.csv"

/* Appends the header. */
int sample_list_begin(struct buffer *list, struct lcap_error *error);

/*
 * Appends a row. The list is text for any reader of CSV, so NUL and bytes of the
 * metadata that are not UTF-8 become U+FFFD.
 */
int sample_list_add(struct buffer *list, const char *file, const char *metadata,
                    size_t metadata_len, struct lcap_error *error);

/*
 * Adds the names of files beside the list at `path` that it contains. Another
 * header is an error: the file is somebody else's metadata.csv.
 */
int sample_list_read(const char *path, struct intern *names, struct lcap_error *error);

#endif
