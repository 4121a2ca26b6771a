/*
 * Removes the labels from a capture: writes plain pcap or pcapng, with everything
 * else unchanged.
 */
#ifndef DATASET_STRIP_PASS_H
#define DATASET_STRIP_PASS_H

#include "base/io/output.h"
#include "dataset/input_pass.h"
#include <labelcap/capture.h>

struct strip_pass_options {
    enum lcap_format format;
    struct output_options placing;
    uint32_t snaplen; /* cut packets to it; 0: they are not cut */
    struct input_options input;
};

struct strip_pass_result {
    struct input_counts inputs;
    uint64_t packets, labels;
    struct lcap_losses losses;
    /* the cause of LCAP_ERR_ARGUMENT: pcapng, or an input that can be read twice, would avoid it */
    bool fine_times_came_late;
};

/*
 * Strips `input` ("-": standard input) into the new file `output`. For a damaged
 * input, everything before the damage is written.
 */
int strip_pass_run(const char *input, const char *output, const struct strip_pass_options *options,
                   struct strip_pass_result *result, struct lcap_error *error);

#endif
