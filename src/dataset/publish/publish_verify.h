/*
 * Checks a published set, which somebody else may have changed, without reading
 * anything outside its directory: sums, then everything that follows from the data is
 * made again and compared, and nothing of a challenge may be elsewhere.
 */
#ifndef DATASET_PUBLISH_PUBLISH_VERIFY_H
#define DATASET_PUBLISH_PUBLISH_VERIFY_H

#include "base/findings.h"
#include "base/result.h"
#include "dataset/input_pass.h"
#include "dataset/publish/publish_makers.h"

struct publish_verification {
    struct findings findings;
    uint64_t errors;
    uint64_t files, packets, samples, challenge_samples;
    bool other_build; /* made by another version, whose bytes may differ */
};

/* `makers` has all of them. Release the verification even after an error. */
int publish_verify_run(struct publish_verification *verification, const char *directory,
                       const struct publish_makers *makers, const struct input_options *input,
                       struct lcap_error *error);
void publish_verify_release(struct publish_verification *verification);

/* `directory` is the path. */
void publish_verify_describe(const struct publish_verification *verification, const char *directory,
                             struct result *result);

#endif
