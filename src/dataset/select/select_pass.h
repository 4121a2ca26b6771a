/*
 * Writes a part of a data set: whole samples, or some of their packets. Everything
 * is in the order of the data set, and blocks that are not packets stay. With a
 * catalogue beside the data set, only what may be selected is read; the output is
 * the same.
 */
#ifndef DATASET_SELECT_SELECT_PASS_H
#define DATASET_SELECT_SELECT_PASS_H

#include "base/findings.h"
#include "base/io/output.h"
#include "dataset/input_pass.h"
#include "dataset/linktype_set.h"
#include "dataset/select/packet_choice.h"
#include "dataset/select/sample_choice.h"

struct select_pass_options {
    struct sample_choice_options samples;
    struct packet_choice_options packets;
    struct output_options placing;
    uint32_t snaplen; /* cut packets to it; 0: they are not cut */
    struct input_options input;
};

struct select_pass {
    const struct select_pass_options *options;
    struct sample_choice samples;
    struct packet_choice packets;
    struct input_counts inputs;
    struct lcap_losses losses;
    bool by_catalogue;
    struct lcap_error unused;  /* why the catalogue is not used, if it should be */
    uint64_t read, unlabelled; /* packets */
    uint64_t selected_samples, selected_packets;
    struct linktype_set linktypes; /* of the packets selected */
};

/*
 * Selects from `dataset` ("-": standard input) into the new file `output`. Writes no
 * file if nothing is selected, which selected_packets tells. For a damaged data set,
 * what comes before the damage is written. The caller releases the pass, even after
 * an error.
 */
int select_pass_run(struct select_pass *pass, const char *dataset, const char *output,
                    const struct select_pass_options *options, struct lcap_error *error);
void select_pass_release(struct select_pass *pass);

/* `output` is the path. */
void select_describe(const struct select_pass *pass, const char *output, struct result *result);

#endif
