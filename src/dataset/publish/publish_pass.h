/*
 * Publishes a labelled data set: a directory with the data, tables of the samples, lists,
 * a catalogue and descriptions, which is there whole or not at all.
 *
 *     int rc = publish_pass_begin(&pass, dataset, directory, &options, &error);
 *     if (rc == LCAP_OK && publish_pass_refused(&pass) == 0)
 *         rc = publish_pass_finish(&pass, &error);
 *     publish_pass_release(&pass);
 *
 */
#ifndef DATASET_PUBLISH_PUBLISH_PASS_H
#define DATASET_PUBLISH_PUBLISH_PASS_H

#include "base/result.h"
#include "dataset/publish/publish_directory.h"
#include "dataset/publish/publish_walk.h"

struct publish_pass_options {
    const char *const *values; /* PUBLISH_FIELD_COUNT of them; see publish_metadata_read() */
    const char *metadata;      /* a file, or NULL */
    const char *splits;        /* a folder of lists, or NULL; it may have a challenge */
    const char *rules;         /* the rules file to publish, or NULL */
    matter_set allow, remove;
    struct publish_makers makers; /* of the side files that are wanted */
    bool no_payload;
    uint32_t snaplen; /* cut packets to it; 0: they are not cut */
    struct output_options placing;
    struct input_options input;
};

struct publish_pass {
    const struct publish_pass_options *options;
    struct publish_directory directory;
    struct publish_metadata metadata;
    struct publish_provenance provenance;
    struct publish_set set;
    struct challenge_packets challenge;
    struct lcap_losses losses;
    uint64_t found[MATTER_COUNT];      /* places of each matter in what goes public */
    uint64_t unlabelled, unlisted;     /* packets left out */
    struct lcap_error partition_fault; /* why partition.json is left out */
};

/* Writes the data into a directory beside `directory`. Release the pass even after an error. */
int publish_pass_begin(struct publish_pass *pass, const char *dataset, const char *directory,
                       const struct publish_pass_options *options, struct lcap_error *error);

/* The matters that are in the data, but not allowed: then nothing is to be published. */
matter_set publish_pass_refused(const struct publish_pass *pass);

/* Writes what follows from the data, and moves the directory into place. */
int publish_pass_finish(struct publish_pass *pass, struct lcap_error *error);
void publish_pass_release(struct publish_pass *pass);

/* `directory` is the path. */
void publish_describe(const struct publish_pass *pass, const char *directory,
                      struct result *result);

#endif
