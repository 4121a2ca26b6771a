/* What split finds in its input before it writes anything. */
#ifndef DATASET_SPLIT_SPLIT_SURVEY_H
#define DATASET_SPLIT_SPLIT_SURVEY_H

#include "dataset/kept_blocks.h"
#include "dataset/split/split_cuts.h"
#include "dataset/survey.h"

struct split_survey {
    enum lcap_format format; /* of the sample files */
    struct survey survey;
    struct kept_blocks kept; /* names and secrets, which go into every pcapng sample file */
    uint64_t blocks;         /* that belong to no sample */
    struct split_cuts cuts;
};

/* Whether the block goes into every sample file. */
bool split_survey_keeps(const struct split_survey *survey, const struct lcap_block *block);

/* Adds the block that the walk through `input` has come to. */
int split_survey_block(struct split_survey *survey, const struct input_pass *input,
                       const struct lcap_block *block, struct lcap_error *error);

/*
 * Adds what was found in the blocks that follow, of which none is kept; `packets` are before them.
 * Not if the labels contradict: returns 1, and nothing has changed.
 */
int split_survey_join(struct split_survey *survey, struct split_survey *next, uint64_t packets,
                      struct lcap_error *error);
void split_survey_release(struct split_survey *survey);

#endif
