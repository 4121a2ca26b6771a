/*
 * What a data set looks like: what a check finds, and figures of its largest labels. The
 * packets are measured while they are checked; only if there are more than OVERVIEW_HELD
 * labels, the captures are read again, when the largest are known.
 */
#ifndef DATASET_OVERVIEW_OVERVIEW_PASS_H
#define DATASET_OVERVIEW_OVERVIEW_PASS_H

#include "base/hash.h"
#include "base/result.h"
#include "dataset/check/check_pass.h"
#include "dataset/overview/label_rows.h"

/* Labels with figures of their own; all others are added up as one more. */
enum { OVERVIEW_LABELS = 20 };

/* Labels that are measured before it is known which are the largest: in all, 40 MiB. */
enum { OVERVIEW_HELD = 64 };

enum { TIMELINE_BINS = 48 };

/* Ports and addresses that are named for each label. */
enum { OVERVIEW_TOP = 5 };

struct overview {
    struct check_pass_result check;
    /* Of classes[0..] of the check, and of the rest if there are more. */
    struct label_figures *figures[OVERVIEW_LABELS + 1];
    size_t label_count;
    bool has_time; /* of labelled packets; if so: */
    int64_t first_ns;
    uint64_t bin_ns; /* of the timeline */
    struct label_rows protocols, ports, addresses, timeline, lists;
    const char *rules_name; /* of the rules file, without folders; NULL without one */
    char rules_sha256[HASH_SHA256_TEXT];
};

/*
 * As check_pass_run(), whose options must outlive the overview. LCAP_ERR_ARGUMENT: an input is
 * a stream, which cannot be read twice.
 */
int overview_run(const struct sources *sources, const struct check_pass_options *options,
                 struct overview *overview, struct lcap_error *error);
void overview_release(struct overview *overview);

/* `overview` must outlive the result. */
void overview_describe(const struct overview *overview, struct result *result);

#endif
