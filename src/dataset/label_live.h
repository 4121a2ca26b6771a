/*
 * Packets of a live interface, labelled as they come: written, handed to the
 * system every second, into a new file where files rotate, and finished with an
 * Interface Statistics Block.
 *
 *     int rc = label_live_open(&live, pass, &options, &error);
 *     if (rc == 0)
 *         rc = label_live_capture(live, &error);
 *     if (rc == 0)
 *         rc = label_live_finish(live, &error);
 *     ... label_live_failure(live), label_pass_result(pass) ...
 *     label_live_free(live);
 *
 * Nothing is written before the capture begins, so that privileges may be given
 * up in between.
 */
#ifndef DATASET_LABEL_LIVE_H
#define DATASET_LABEL_LIVE_H

#include "dataset/label_pass.h"

struct label_live_options {
    const char *device;
    struct live_options capture;
    uint64_t count;                    /* packets after which the capture ends; 0: it goes on */
    double duration;                   /* seconds likewise */
    double rotate_seconds;             /* a new file after so long; 0: one file */
    uint64_t rotate_size;              /* a new file after so many captured bytes; 0: one file */
    bool (*is_stopped)(void *context); /* ends the capture once it says so */
    void (*warn)(void *context, const char *text); /* of what is no reason to end it */
    void *context;
};

struct label_live;

/* Opens the device. `pass` has no sources, and must outlive the handle, as `options` must. */
int label_live_open(struct label_live **live, struct label_pass *pass,
                    const struct label_live_options *options, struct lcap_error *error);

/* Captures until it is told to end, or the device fails. */
int label_live_capture(struct label_live *live, struct lcap_error *error);

/* Puts the last file into place. */
int label_live_finish(struct label_live *live, struct lcap_error *error);

/* What was wrong with the device or the rules in the end, though all that was captured is good;
 * code 0: nothing. */
const struct lcap_error *label_live_failure(const struct label_live *live);
void label_live_free(struct label_live *live);

#endif
