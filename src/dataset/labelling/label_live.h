/*
 * Labels the packets of a live interface as they arrive: writes them, passes them
 * to the system every second, rotates files, and ends each file with an Interface
 * Statistics Block.
 *
 *     int rc = label_live_open(&live, pass, &options, &error);
 *     if (rc == 0)
 *         rc = label_live_capture(live, &error);
 *     if (rc == 0)
 *         rc = label_live_finish(live, &error);
 *     ... label_live_failure(live), label_pass_result(pass) ...
 *     label_live_free(live);
 *
 * Nothing is written before the capture begins, so privileges can be dropped in
 * between.
 */
#ifndef DATASET_LABELLING_LABEL_LIVE_H
#define DATASET_LABELLING_LABEL_LIVE_H

#include "dataset/labelling/label_pass.h"

struct label_live_options {
    const char *device;
    struct live_options capture;
    uint64_t count;                    /* packets after which the capture ends; 0: no limit */
    double duration;                   /* seconds after which it ends; 0: no limit */
    double rotate_seconds;             /* a new file after this time; 0: one file */
    uint64_t rotate_size;              /* a new file after this many captured bytes; 0: one file */
    bool (*is_stopped)(void *context); /* ends the capture once it returns true */
    void (*warn)(void *context, const char *text); /* about what is no reason to end it */
    void *context;
};

struct label_live;

/* Opens the device. `pass` has no sources; `pass` and `options` must outlive the handle. */
int label_live_open(struct label_live **live, struct label_pass *pass,
                    const struct label_live_options *options, struct lcap_error *error);

/* Captures until it is told to end, or the device fails. */
int label_live_capture(struct label_live *live, struct lcap_error *error);

/* Finishes the last file. */
int label_live_finish(struct label_live *live, struct lcap_error *error);

/* The failure of the device, although everything captured is good; code
 * 0: none. */
const struct lcap_error *label_live_failure(const struct label_live *live);
void label_live_free(struct label_live *live);

#endif
