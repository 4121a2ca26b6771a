/*
 * The facts about a published set, and the files that say them. They follow from its
 * data, its lists, its metadata and its provenance alone: so whoever has these can
 * make every other file again, and compare.
 */
#ifndef DATASET_PUBLISH_PUBLISH_SET_H
#define DATASET_PUBLISH_PUBLISH_SET_H

#include "base/buffer.h"
#include "dataset/publish/publish_files.h"
#include "dataset/publish/publish_listing.h"
#include "dataset/publish/publish_makers.h"
#include "dataset/publish/publish_metadata.h"
#include "dataset/publish/publish_provenance.h"
#include "dataset/split_folder.h"
#include "dataset/survey.h"

struct publish_set {
    const char *source; /* the directory of the data, and of files that others add */
    const char *target; /* that of the files that are made: the same one, or another to compare */
    const struct publish_metadata *metadata;
    const struct publish_provenance *provenance;
    struct publish_makers makers;
    struct input_options input; /* for them: threads and watcher */
    struct survey data;
    struct split_lists lists; /* without a name: there are none */
    bool has_lists, has_challenge;
    struct survey challenge;
    struct publish_listing listing; /* so far, sorted after publish_set_describe() */
};

int publish_set_init(struct publish_set *set, struct lcap_error *error);
void publish_set_release(struct publish_set *set);

/* Adds a file of that directory to the files, if it is there. */
int publish_set_add(struct publish_set *set, const char *directory, const char *name,
                    struct lcap_error *error);

/* Writes a file below the target, and adds it to the files. */
int publish_set_write(struct publish_set *set, const char *name, const struct buffer *text,
                      struct lcap_error *error);

/* The list of a sample; NULL if there are no lists or it is in none. */
const char *publish_set_list_of(const struct publish_set *set, uint64_t sample_id);

/* How many published samples are in a list; none if there is no such list. */
uint64_t publish_set_samples_of(const struct publish_set *set, const char *list);

/*
 * Writes every file but the data, partition.json and rules: the catalogue, tables of samples,
 * lists, flows and report, descriptions, sums.
 */
int publish_set_describe(struct publish_set *set, struct lcap_error *error);

/* The parts of it, one file each. */
int publish_samples_write(struct publish_set *set, struct lcap_error *error);
int publish_lists_write(struct publish_set *set, struct lcap_error *error);
int publish_croissant(const struct publish_set *set, struct buffer *out, struct lcap_error *error);
int publish_datacite(const struct publish_set *set, struct buffer *out, struct lcap_error *error);
int publish_card(const struct publish_set *set, struct buffer *out, struct lcap_error *error);

/* The file of a list of samples: "splits/NAME.csv". */
int publish_append_list_path(const char *list, struct buffer *out, struct lcap_error *error);

#endif
