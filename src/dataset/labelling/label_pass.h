/*
 * Labels packets: reads captures and a rules file, labels each packet by the first
 * rule that matches it, writes labelled pcapng, and counts what each rule labelled.
 *
 *     int rc = label_pass_new(&pass, &sources, &options, &error);
 *     if (rc == 0)
 *         rc = label_pass_run(pass, &error);
 *     if (rc == 0)
 *         rc = label_pass_finish(pass, &error);
 *     ... label_pass_result(pass) ...
 *     label_pass_free(pass);
 *
 * Between run and finish the caller may still give up; then nothing is written.
 * Packets of a device come from label_live.h instead of label_pass_run().
 */
#ifndef DATASET_LABELLING_LABEL_PASS_H
#define DATASET_LABELLING_LABEL_PASS_H

#include "base/findings.h"
#include "base/io/output.h"
#include "capture/libpcap/live.h"
#include "dataset/input_pass.h"
#include "dataset/shard/shard.h"
#include "dataset/source_order.h"
#include "dataset/sources.h"
#include "dataset/survey.h"
#include <labelcap/label.h>

struct label_pass_options {
    const char *rules;
    const char *output;
    bool dry_run;           /* writes nothing; `output` may be NULL */
    bool sort;              /* by sampleID, then time */
    bool keep_unmatched;    /* packets that no rule matches, without a label */
    bool relabel;           /* packets may already have labels */
    int64_t shift_rules_ns; /* the windows of all rules are moved by this */
    bool split_linktypes;
    bool join;        /* flows go on from one input to the next */
    bool keep_source; /* packets get a second comment, with the name of their input */
    struct output_options placing;
    bool write_pcapml_times;
    uint32_t snaplen; /* packets are cut to it once they are matched; 0: they are not */
    struct sorter_options sorter;
    struct input_options input;
    struct shard shard; /* writes the part of it beside `output`, and its joint */
    /* A shard: only counts its packets, which others need to know for rules with EACH:packet. */
    bool count_packets;
    int buckets; /* of a shard: what it does for rules with SCOPE:flow and EACH:flow, BUCKETS_ */
};

/* An input with packets, none of which got a label. */
struct unlabelled_input {
    const char *path;
    uint64_t packets;
};

struct label_pass_result {
    const struct lcap_rules *rules;
    const struct lcap_labeller *labeller; /* knows what each rule has done */
    struct findings findings;             /* about rules; the place is the line, or all of them */
    struct input_counts inputs;
    struct order_watch order;
    struct tally all;
    uint64_t labelled;
    uint64_t kept;    /* without a label */
    const char *part; /* what a shard has written, or NULL */
    bool is_done;     /* an earlier process has done this shard: nothing is read */
    bool joined;      /* flows went on from one input to the next */
    struct unlabelled_input *unlabelled_inputs;
    size_t unlabelled_input_count, unlabelled_input_capacity;
    struct lcap_losses losses;
    size_t linktypes;          /* of the packets written */
    struct live_counts counts; /* of the kernel; with has_counts */
    bool has_counts;
};

struct label_pass;

/* Excludes from the sources what the pass will write, and what it has written before. */
int label_pass_exclude_outputs(struct sources *sources, const struct label_pass_options *options,
                               struct lcap_error *error);

/* Loads the rules. `sources` and what `options` points to must outlive the pass. */
int label_pass_new(struct label_pass **pass, const struct sources *sources,
                   const struct label_pass_options *options, struct lcap_error *error);

/*
 * Labels all sources in turn. LCAP_ERR_LABEL: a packet already has a label. If the
 * output fails and an input cannot be read again, what has been written is kept
 * under the final name.
 */
int label_pass_run(struct label_pass *pass, struct lcap_error *error);

/* Finishes the output. */
int label_pass_finish(struct label_pass *pass, struct lcap_error *error);

/*
 * Whether packets were read and none got a label, though every packet of the output has one: a
 * failure, except live. Known after label_pass_run().
 */
bool label_pass_is_futile(const struct label_pass *pass);

/* Complete after the last step; rules and the findings of loading are there from the first. Valid
 * as long as the pass. */
const struct label_pass_result *label_pass_result(const struct label_pass *pass);
void label_pass_free(struct label_pass *pass);

#endif
