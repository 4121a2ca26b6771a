/*
 * How many samples each rule has made. Samples of flows are counted by notes of open
 * flows and packets by themselves; only the others are remembered, up to a limit.
 */
#ifndef LABEL_LABELLER_SAMPLE_COUNTS_H
#define LABEL_LABELLER_SAMPLE_COUNTS_H

#include "base/idmap.h"
#include "label/labeller/label_flows.h"

/* More samples of hosts, windows and files are not told apart: 32 MiB. */
enum { MOST_REMEMBERED = 1 << 20 };

struct sample_counts {
    uint64_t *by_rule;
    uint64_t all;
    uint64_t of_flows;   /* of all: those that notes of flows have counted */
    uint64_t uncounted;  /* packets of samples beyond the limit */
    struct idmap known;  /* samples of all rules that are remembered */
    struct idmap by_who; /* and a hash of the sample and its rule */
};

int sample_counts_init(struct sample_counts *counts, size_t rules, struct lcap_error *error);

/* Counts the sample of some packets. `note`: of their flow, if the kind has EACH:flow. */
int sample_counts_add(struct sample_counts *counts, const struct rule_kind *kind,
                      struct flow_sample sample, uint64_t packets, struct flow_note *note,
                      struct lcap_error *error);

/* A hash of the sample and its rule, by which those that are remembered are told apart. */
uint64_t sample_counts_key(struct flow_sample sample);

void sample_counts_release(struct sample_counts *counts);

#endif
