/*
 * Writes sample files, one after the other. What is known of the samples is the same for
 * all threads that write some of them.
 */
#ifndef DATASET_SPLIT_SPLIT_FILES_H
#define DATASET_SPLIT_SPLIT_FILES_H

#include "dataset/split/sample_directory.h"
#include "dataset/split/split_pass.h"
#include "dataset/split/split_survey.h"

/* What the survey has found, and where the files go. */
struct split_plan {
    const struct split_pass_options *options;
    struct sample_directory *directory;
    struct split_survey found;
    struct survey_sample *classes; /* by number of the metadata; NULL: parts are samples */
};

/*
 * A part is what goes into one file: a sample, by its number, or a class, by that of
 * its metadata.
 */
uint32_t split_plan_part(const struct split_plan *plan, uint32_t sample);

/* Whether the packets of a part go into a file for each link type: pcap holds one of them. */
bool split_plan_parts_linktypes(const struct split_plan *plan, uint32_t part);

/* Adds up what is known of the samples of each class. */
int split_plan_find_classes(struct split_plan *plan, struct lcap_error *error);
void split_plan_release(struct split_plan *plan);

struct split_files {
    const struct split_plan *plan;
    const struct input_pass *input; /* of the packets */
    struct lcap_writer *writer;     /* of the open file, or NULL */
    uint32_t part;                  /* of the open file */
    uint16_t linktype;              /* of the open file, if link types are separated */
    uint32_t next;                  /* sample that begins next, if they come in pieces */
    struct sample_entry entry;
    uint64_t count, packets;
    struct lcap_losses losses;
};

int split_files_packet(struct split_files *files, uint32_t part, const struct lcap_packet *packet,
                       struct lcap_error *error);

/*
 * Takes a block of an input whose samples come in the order of their numbers, each in one
 * piece. LCAP_ERR_IO if they do not, because the file has changed.
 */
int split_files_block(struct split_files *files, const struct lcap_block *block,
                      struct lcap_error *error);

/* Closes the file that is open. */
int split_files_close(struct split_files *files, struct lcap_error *error);

/* Adds what was written to the result and metadata.csv, and counts anew. */
int split_files_settle(struct split_files *files, struct split_pass_result *result,
                       struct lcap_error *error);
void split_files_release(struct split_files *files);

#endif
