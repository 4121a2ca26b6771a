/* Chooses the samples of a challenge. */
#ifndef DATASET_PARTITION_CHALLENGE_CHOICE_H
#define DATASET_PARTITION_CHALLENGE_CHOICE_H

#include "dataset/partition/partition.h"

/*
 * Puts whole groups into the challenge, in the order of a secret hash, at most
 * options.challenge samples: of each label its share, as far as its groups are small
 * enough. Samples that are in the challenge already count.
 */
int challenge_choose(struct partition *partition, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: an ID of the challenge is that of another sample, too. */
int challenge_check_ids(struct partition *partition, struct lcap_error *error);

#endif
