/*
 * Reads the samples of a data set in the order of their IDs: from a file in that order, or a
 * sorted copy, or by its catalogue.
 */
#ifndef ARRAYS_ARRAY_READING_H
#define ARRAYS_ARRAY_READING_H

#include "arrays/array_collector.h"
#include "dataset/catalogue/ordered_copy.h"
#include "dataset/input_pass.h"
#include "dataset/shard/shard_run.h"
#include "dataset/split_folder.h"
#include <labelcap/arrays.h>

/* The rows of a sample go to no output. */
#define ARRAY_NO_OUTPUT UINT32_MAX

struct array_reading {
    const char *dataset;
    const char *catalogue; /* its path; NULL: beside the data set */
    const struct input_options *input;
    struct shard_run *shard;         /* NULL: all samples are read */
    const struct split_lists *lists; /* NULL: the rows of all samples go to output 0 */
    size_t list;                     /* only this one, to output 0; SPLIT_NO_LIST: all lists */
    struct array_collector *collector;
    struct array_labels *labels;
    struct input_counts inputs;
    uint64_t unlisted; /* samples in no list */
    bool by_catalogue;
    struct lcap_error unused_catalogue; /* why it was not used, if it could not be */
    struct ordered_copy copy;           /* of a data set in no order; the caller releases it */
    uint64_t sample_id;                 /* being read … */
    bool in_sample;                     /* … if there is one */
    struct buffer comment;              /* of its first packet */
    const struct parsed_packet *parsed; /* the packet at hand; NULL: it was not */
    uint32_t output;
    bool met; /* a packet of a sample, the first of which is: */
    uint64_t first_sample;
    /* Of a shard: */
    bool skips;           /* its first sample, which is that of a shard before */
    bool guesses;         /* where the shard begins, so samples in disorder may not be there … */
    bool disorder;        /* … that it has met */
    bool beyond;          /* its end, up to which only one sample is read */
    uint64_t last_sample; /* that one */
};

/* Reads the lists that the options name; *list is the only one whose samples count, or
 * SPLIT_NO_LIST.
 */
int array_lists_read(struct split_lists *lists, size_t *list,
                     const struct lcap_array_options *options, struct lcap_error *error);
int array_lists_need_each_other(struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: neither is it in order, nor has it a catalogue. */
int array_reading_run(struct array_reading *reading, struct lcap_error *error);

/* Notes what a run says about the catalogue of the data set, for a merge, which does not read the
 * data set itself. */
int array_reading_note_catalogue(struct array_reading *reading, struct lcap_error *error);

/* The output of a sample, or ARRAY_NO_OUTPUT. */
uint32_t array_reading_output(const struct array_reading *reading, uint64_t sample_id);

/* Takes a packet; those of a sample come one after the other. */
int array_reading_packet(struct array_reading *reading, const struct lcap_packet *packet,
                         const struct lcap_label *label, struct lcap_error *error);

/* Reads a file in the order of its samples, in all threads if that is faster. */
int array_reading_walk(struct array_reading *reading, struct input_pass *input,
                       struct lcap_error *error);

/* For a file in the order of its samples: takes a block, or a packet that may be parsed already
 * (or NULL); ends the last sample; and sets the error that a sample comes too late. */
int array_reading_block(void *context, const struct lcap_block *block, struct lcap_error *error);
int array_reading_parsed(struct array_reading *reading, const struct lcap_packet *packet,
                         const struct parsed_packet *parsed, struct lcap_error *error);
int array_reading_end(struct array_reading *reading, struct lcap_error *error);
int array_reading_refuse(struct array_reading *reading, uint64_t sample_id,
                         struct lcap_error *error);

/* LCAP_ERR_LABEL if there are no rows, with the reason. */
int array_reading_check_rows(const struct array_reading *reading, struct lcap_error *error);

#endif
