/*
 * Walks the data of a published set, before it is published or afterwards: surveys
 * them, notes what should not go public, looks for packets of the challenge, and writes
 * what goes public.
 */
#ifndef DATASET_PUBLISH_PUBLISH_WALK_H
#define DATASET_PUBLISH_PUBLISH_WALK_H

#include "base/idmap.h"
#include "dataset/input_pass.h"
#include "dataset/publish/publish_cleaner.h"
#include "dataset/publish/publish_set.h"

/* The packets of a challenge, by their time and bytes. All zero, with a key: none yet. */
struct challenge_packets {
    uint8_t key[HASH_KEY_LEN];
    struct idmap digests;
};

struct publish_walk {
    struct publish_set *set; /* whose survey is filled */
    bool is_challenge;       /* these are the packets of the challenge, not the labelled ones */
    struct cleaner cleaner;
    struct challenge_packets *challenge; /* they are added, or looked for */
    struct lcap_writer *writer;          /* NULL: nothing is written */
    uint64_t unlabelled;                 /* packets without a label, left out */
    uint64_t unlisted;                   /* packets of samples in no list, left out */
    uint64_t leaked;                     /* packets of the challenge among the labelled ones */
    uint64_t told;                       /* packets of the challenge that have metadata */
    struct input_outcome outcome;
};

/*
 * Walks the capture at `path`. Damage is an error. The walk begins with the members above
 * the counts; publish_walk_release() ends it, even after an error.
 */
int publish_walk_run(struct publish_walk *walk, const char *path,
                     const struct input_options *options, struct lcap_error *error);
void publish_walk_release(struct publish_walk *walk);

#endif
