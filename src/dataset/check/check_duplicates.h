/*
 * Finds packets with the same bytes and time, within samples and across them, in
 * bounded memory.
 */
#ifndef DATASET_CHECK_CHECK_DUPLICATES_H
#define DATASET_CHECK_CHECK_DUPLICATES_H

#include "dataset/check/check_finding.h"
#include "dataset/packet_digest.h"
#include "sort/sorter.h"

struct check_duplicates {
    struct sorter *sorter;
    uint8_t key[HASH_KEY_LEN];
};

int check_duplicates_init(struct check_duplicates *duplicates, const struct sorter_options *options,
                          struct lcap_error *error);

/* Adds a packet that has a time. `content` stands for its bytes if they are not there, or is NULL.
 */
int check_duplicates_add(struct check_duplicates *duplicates, const struct lcap_packet *packet,
                         const uint8_t *content, const struct check_place *place,
                         struct lcap_error *error);

/* After the last packet. *other: the sample that has the first leak, too, or NO_SAMPLE. */
int check_duplicates_finish(struct check_duplicates *duplicates, struct check_findings *findings,
                            uint32_t *other, struct lcap_error *error);
void check_duplicates_release(struct check_duplicates *duplicates);

#endif
