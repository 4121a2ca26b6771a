/*
 * What a shard knows of an input: a note on the segment that it has read. The outcome of the whole
 * input is put together from the notes of all segments.
 */
#ifndef DATASET_SHARD_OUTCOME_NOTE_H
#define DATASET_SHARD_OUTCOME_NOTE_H

#include "dataset/input_pass.h"
#include "dataset/shard/joint.h"

#define OUTCOME_NOTE "input"
enum { OUTCOME_NUMBERS = 9 };

/* Appends a note: a word, and numbers; those of times as two's complement. */
int outcome_note_append(struct buffer *notes, const char *word, const uint64_t *numbers,
                        size_t count, struct lcap_error *error);

int outcome_note_write(const struct input_outcome *outcome, struct buffer *notes,
                       struct lcap_error *error);

/* Adds the numbers of such a note to the outcome of the segments before. */
void outcome_note_add(struct input_outcome *outcome, const uint64_t *numbers);

/* Behind the notes of a segment: its packets, and the damage that ended it. */
void outcome_end_segment(struct input_outcome *outcome, const struct joint_segment *segment);

/* The last one was added. */
void outcome_end(struct input_outcome *outcome);

#endif
