/* What is checked packet by packet. */
#ifndef DATASET_CHECK_CHECK_PACKETS_H
#define DATASET_CHECK_CHECK_PACKETS_H

#include "base/buffer.h"
#include "dataset/check/check_duplicates.h"
#include "dataset/check/check_look.h"
#include "dataset/check/check_rules.h"
#include "dataset/check/time_spread.h"
#include "dataset/leaks/leak_report.h"
#include "dataset/survey.h"

/* Takes a packet with a label, and the number of its sample, once it is checked. */
typedef int labelled_packet_taker(void *context, const struct lcap_packet *packet, uint32_t sample,
                                  struct lcap_error *error);

struct check_packets {
    struct survey survey;
    struct time_spread times;
    struct check_duplicates *duplicates; /* NULL: not looked for */
    struct check_rules *rules;           /* NULL: none are given */
    struct leak_report *leaks;           /* NULL: no lists are given */
    labelled_packet_taker *taker;        /* NULL: nobody takes packets */
    void *taker_context;
    struct check_findings *findings;
    int64_t *last_ns; /* by sample: the time of its last packet; INT64_MIN without one */
    size_t last_capacity;
    struct check_place place; /* of the current packet */
    uint64_t last_id;         /* in the current file */
    bool after_unlabelled;
    bool sorted; /* the current file, so far */
    struct buffer scratch;
};

/*
 * `findings`, and what is set in `duplicates`, `rules`, `leaks` and `taker_context` later, must
 * outlive the checks.
 */
int check_packets_init(struct check_packets *packets, struct check_findings *findings,
                       struct lcap_error *error);

/* The blocks of this input follow. */
void check_packets_begin(struct check_packets *packets, uint32_t input);

/* A pass_function. */
int check_packets_block(void *context, const struct lcap_block *block, struct lcap_error *error);

/* The same of a block whose bytes have been looked at, and need not be there. */
int check_packets_seen(struct check_packets *packets, const struct lcap_block *block,
                       const struct check_look *look, struct lcap_error *error);
void check_packets_release(struct check_packets *packets);

#endif
