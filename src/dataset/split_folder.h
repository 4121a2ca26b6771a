/*
 * The lists of a split: the files NAME.csv of a folder, such as train.csv, each with
 * a sampleID in the first column, behind a header or without one; see
 * sample_id_file.h. Whatever takes `--splits DIR` reads it here.
 */
#ifndef DATASET_SPLIT_FOLDER_H
#define DATASET_SPLIT_FOLDER_H

#include "base/buffer.h"
#include "base/idmap.h"
#include "dataset/sample_id_file.h"
#include <stddef.h>

/* Samples to be predicted: this list has IDs that the labelled data set does not have. */
#define SPLIT_CHALLENGE "challenge"

/* train, validation, test and challenge come first, then all others in natural order. */
struct split_folder {
    char *path;
    char **names; /* without ".csv" */
    size_t count; /* at least 1 */
};

/* LCAP_ERR_ARGUMENT: there are no lists. Release it even after an error. */
int split_folder_open(struct split_folder *folder, const char *path, struct lcap_error *error);
void split_folder_release(struct split_folder *folder);

/* An error if `output` is a list of the folder, which need not be there. NULL is no folder. */
int split_folder_check_output(const char *path, const char *output, struct lcap_error *error);

/* Appends the path of a list, and a zero. */
int split_folder_append_path(const struct split_folder *folder, size_t list, struct buffer *path,
                             struct lcap_error *error);

/* Passes on the sampleIDs of a list. */
int split_folder_read(const struct split_folder *folder, size_t list, sample_id_taker *take,
                      void *context, struct lcap_error *error);

/* Sets *list to the list with this name; the error names those that there are. */
int split_folder_find(const struct split_folder *folder, const char *name, size_t *list,
                      struct lcap_error *error);

/* ---- the list of each sample ---- */

#define SPLIT_NO_LIST UINT16_MAX

struct split_lists {
    struct split_folder folder;
    struct idmap ids;  /* of all lists */
    uint16_t *list_of; /* by number in `ids` */
    size_t capacity;   /* of list_of */
    uint16_t list;     /* being read */
};

/* Reads all lists. A sample in several is in the first of them. Release it even after an error. */
int split_lists_read(struct split_lists *lists, const char *path, struct lcap_error *error);
/* One list with these IDs, which has the number 0. Release it even after an error. */
int split_lists_of_ids(struct split_lists *lists, const uint64_t *ids, size_t count,
                       struct lcap_error *error);
void split_lists_release(struct split_lists *lists);

/* The number of its list, which folder.names names, or SPLIT_NO_LIST. */
uint16_t split_lists_of(const struct split_lists *lists, uint64_t sample_id);

#endif
