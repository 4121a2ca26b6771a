/*
 * Labels packets: captures and a rules file in, the first rule that matches a
 * packet labels it, labelled pcapng out, and what each rule has done.
 *
 *     int rc = label_pass_new(&pass, &sources, &options, &error);
 *     if (rc == 0)
 *         rc = label_pass_run(pass, &error);
 *     if (rc == 0)
 *         rc = label_pass_finish(pass, &error);
 *     ... label_pass_result(pass) ...
 *     label_pass_free(pass);
 *
 * Between run and finish the caller may still give up: then nothing is written.
 * Packets of a device come from label_live.h instead of label_pass_run().
 */
#ifndef DATASET_LABEL_PASS_H
#define DATASET_LABEL_PASS_H

#include "capture/live.h"
#include "dataset/input_pass.h"
#include "dataset/label_warnings.h"
#include "dataset/sources.h"
#include "dataset/survey.h"
#include <labelcap/label.h>

struct label_pass_options {
    const char *rules;
    const char *output;
    bool dry_run;        /* writes nothing; `output` may be NULL */
    bool sort;           /* by sampleID, then time */
    bool keep_unmatched; /* packets that no rule matches, without a label */
    bool relabel;        /* packets may be labelled already */
    bool split_linktypes;
    bool overwrite;
    bool write_pcapml_times;
    uint32_t snaplen; /* packets are cut to it once they are matched; 0: they are not */
    struct sorter_options sorter;
    struct input_options input;
};

struct label_pass_result {
    const struct lcap_rules *rules;
    uint64_t *rule_counts; /* packets each rule labelled */
    struct label_warnings warnings;
    struct input_counts inputs;
    struct tally all;
    uint64_t labelled;
    uint64_t kept;    /* without a label */
    uint64_t samples; /* that the labelled packets belong to */
    struct lcap_losses losses;
    size_t linktypes;          /* that packets written had */
    struct live_counts counts; /* of the kernel; with has_counts */
    bool has_counts;
};

struct label_pass;

/* Leaves out of the sources what the pass will write, and what it has written before. */
int label_pass_exclude_outputs(struct sources *sources, const struct label_pass_options *options,
                               struct lcap_error *error);

/* Loads the rules. `sources` and what `options` points to must outlive the pass. */
int label_pass_new(struct label_pass **pass, const struct sources *sources,
                   const struct label_pass_options *options, struct lcap_error *error);

/*
 * Labels all sources in turn. LCAP_ERR_LABEL: a packet is labelled already. Where
 * the output cannot be written further and packets come from where they cannot
 * be read again, what there is of it is put into place.
 */
int label_pass_run(struct label_pass *pass, struct lcap_error *error);

/* Puts the output into place. */
int label_pass_finish(struct label_pass *pass, struct lcap_error *error);

/* Complete after the last step, rules and warnings of loading from the first; lives as long as
 * the pass. */
const struct label_pass_result *label_pass_result(const struct label_pass *pass);
void label_pass_free(struct label_pass *pass);

#endif
