/* The secret key of a challenge, from which the IDs of its samples are made. */
#ifndef DATASET_PARTITION_CHALLENGE_KEY_H
#define DATASET_PARTITION_CHALLENGE_KEY_H

#include "base/hash.h"
#include <stdbool.h>

/*
 * Reads a file of 32 hexadecimal digits. If there is none, makes it from random bytes,
 * for its owner alone. *is_new says so, and *is_open whether others may read it.
 */
int challenge_key_read(const char *path, uint8_t key[HASH_KEY_LEN], bool *is_new, bool *is_open,
                       struct lcap_error *error);

/* The ID of a sample in the challenge: SipHash of its sampleID in decimal. */
uint64_t challenge_id(const uint8_t key[HASH_KEY_LEN], uint64_t sample_id);

/* Orders groups by what nobody knows without the key. */
uint64_t challenge_rank(const uint8_t key[HASH_KEY_LEN], uint64_t group);

#endif
