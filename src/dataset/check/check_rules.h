/*
 * Checks that sampleIDs and metadata agree with a rules file.
 *
 * The ID of a rule that makes one sample is known. Of rules with EACH, the labeller is
 * asked for the sample of every packet, in the order of the data set. In a file sorted by
 * sample, each sample is a stream of its own; the time that is part of the ID of a flow
 * is then that of its first packet, if the sample has the whole flow.
 *
 * The input of a packet, which FILE, EACH:file and EACH:packet ask for, is known by its
 * comment `source=PATH`.
 *
 * What cannot be known is counted, but not checked: the IDs of rules that ask for the
 * input of a packet without such a comment, or for its number there; and IDs of flows that
 * do not agree, but where packets may be missing or the file is not sorted.
 */
#ifndef DATASET_CHECK_CHECK_RULES_H
#define DATASET_CHECK_CHECK_RULES_H

#include "dataset/check/check_finding.h"
#include "dataset/check/check_inputs.h"
#include <labelcap/label.h>

/* All zero: no rules are given. */
struct check_rules {
    struct lcap_rules *rules;
    struct check_inputs inputs;
    struct lcap_labeller *labeller; /* NULL: every rule makes one sample */
    struct sample_registry made;    /* by rules that make one sample */
    struct intern *labels;          /* the metadata of rules with EACH */
    uint8_t *needs;                 /* by label: what their IDs depend on */
    size_t needs_capacity;
    uint8_t *states; /* by sample of the data set */
    size_t states_capacity;
    uint32_t current; /* sample of the packet before, or NO_SAMPLE */
    /* Of the packet now: */
    uint32_t input; /* that it came from, or LCAP_NO_FILE */
    bool sorted;    /* the data set up to it */
};

/* Sets *need to whether rules ask for the inputs that packets came from. */
int check_rules_need_inputs(const char *path, bool *need, struct lcap_error *error);

/*
 * Reads the rules, and if they ask for inputs, those of the packets of `sources`; `inputs`: their
 * paths, if they are known, or NULL. LCAP_ERR_RULES, LCAP_ERR_IO: the rules or the data set cannot
 * be read.
 */
int check_rules_init(struct check_rules *check, const char *path, const struct intern *inputs,
                     const struct sources *sources, const struct input_options *options,
                     struct lcap_error *error);

/* What rules make of a packet by itself: see labeller_match.h. */
struct check_match {
    const uint8_t *record;
    size_t len;
};

/* Whether there are rules that have to be asked for the sample of every packet. */
static inline bool check_rules_ask_packets(const struct check_rules *check)
{
    return check->labeller;
}

/* Appends what they make of a packet. Returns 1 if its bytes are needed among those before. */
int check_rules_match(const struct check_rules *check, const struct lcap_packet *packet,
                      struct buffer *out, struct lcap_error *error);

/*
 * The next packet, which may be unlabelled; `registry` has the samples of the data set.
 * `match`: what they make of it, or NULL: it has its bytes. `sorted`: so far, the file is sorted by
 * sample. LCAP_ERR_FORMAT, without a text: they cannot make that of it.
 */
int check_rules_packet(struct check_rules *check, const struct lcap_packet *packet,
                       const struct check_match *match, const struct check_place *place,
                       bool sorted, const struct sample_registry *registry,
                       struct check_findings *findings, struct lcap_error *error);
void check_rules_release(struct check_rules *check);

#endif
