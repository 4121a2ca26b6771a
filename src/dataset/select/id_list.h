/* A list of sampleIDs in a file, and which of them were found. */
#ifndef DATASET_SELECT_ID_LIST_H
#define DATASET_SELECT_ID_LIST_H

#include "base/idmap.h"
#include "base/result.h"
#include <stdbool.h>

struct id_list {
    char *name; /* for messages */
    struct idmap ids;
    bool *found; /* by number in `ids` */
    size_t found_capacity;
};

/* Reads a file of sampleIDs; see sample_id_file.h. Release the list even after an error. */
int id_list_read(struct id_list *list, const char *path, struct lcap_error *error);

/* The same with the list NAME of a split. */
int id_list_read_split(struct id_list *list, const char *splits, const char *name,
                       struct lcap_error *error);

/* Whether the list has this ID, which then counts as found. */
bool id_list_find(struct id_list *list, uint64_t id);

/* Adds a warning about the IDs that were not found. */
void id_list_find_missing(const struct id_list *list, struct result *result);
void id_list_release(struct id_list *list);

#endif
