/*
 * What people say about a published set: its name, its licence, who made it. From
 * options, from a file (JSON, or lines NAME = "TEXT"), or from both; then the options count.
 */
#ifndef DATASET_PUBLISH_PUBLISH_METADATA_H
#define DATASET_PUBLISH_PUBLISH_METADATA_H

#include "base/buffer.h"
#include "base/text/json_reader.h"
#include <stdbool.h>

/* The names in the file and of the options. */
#define PUBLISH_FIELDS(FIELD)                                                                      \
    FIELD(NAME, "name")                                                                            \
    FIELD(DESCRIPTION, "description")                                                              \
    FIELD(LICENSE, "license")                                                                      \
    FIELD(CREATOR, "creator")                                                                      \
    FIELD(URL, "url")                                                                              \
    FIELD(DATE, "date")                                                                            \
    FIELD(VERSION, "version")                                                                      \
    FIELD(PUBLISHER, "publisher")                                                                  \
    FIELD(DOI, "doi")                                                                              \
    FIELD(CITATION, "citation")

#define PUBLISH_FIELD_NUMBER(FIELD, NAME) PUBLISH_##FIELD,
enum publish_field { PUBLISH_FIELDS(PUBLISH_FIELD_NUMBER) PUBLISH_FIELD_COUNT };

struct publish_metadata {
    const char *values[PUBLISH_FIELD_COUNT]; /* NULL: not given */
    struct json_document *file;              /* which holds some of them, or NULL */
};

/*
 * `given`: the values of options, NULL where there is none; they must outlive the metadata.
 * `path`: of the file, or NULL. Everything that has to be there is, and has the right form.
 * Release it even after an error.
 */
int publish_metadata_read(struct publish_metadata *metadata,
                          const char *const given[PUBLISH_FIELD_COUNT], const char *path,
                          struct lcap_error *error);
void publish_metadata_release(struct publish_metadata *metadata);

/* The file again. */
int publish_metadata_write(const struct publish_metadata *metadata, struct buffer *out,
                           struct lcap_error *error);

/*
 * Creators are separated by semicolons: the next one, without spaces around it; false after
 * the last. *at begins as the whole text.
 */
bool publish_next_creator(const char **at, const char **name, size_t *len);

/* Whether the licence is a URL, not an SPDX identifier. */
bool publish_license_is_url(const struct publish_metadata *metadata);

/* The URL of the licence. */
int publish_append_license_url(const struct publish_metadata *metadata, struct buffer *out,
                               struct lcap_error *error);

/* How to cite the set. */
int publish_append_citation(const struct publish_metadata *metadata, struct buffer *out,
                            struct lcap_error *error);

#endif
