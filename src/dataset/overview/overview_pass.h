/*
 * What a data set looks like: what a check finds, and figures of its largest labels. Reads
 * the captures twice, first to check them and to know the labels.
 */
#ifndef DATASET_OVERVIEW_OVERVIEW_PASS_H
#define DATASET_OVERVIEW_OVERVIEW_PASS_H

#include "base/hash.h"
#include "base/result.h"
#include "dataset/check/check_pass.h"
#include "dataset/overview/label_rows.h"

/* Labels with figures of their own; all others are added up as one more. */
enum { OVERVIEW_LABELS = 20 };

/* Ports and addresses that are named for each label. */
enum { OVERVIEW_TOP = 5 };

struct overview {
    struct check_pass_result check;
    size_t
        label_count; /* of `figures`; classes[0..) of the check, and the rest if there are more */
    struct label_figures *figures;
    uint64_t interfaces;
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
