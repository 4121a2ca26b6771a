/*
 * NetFlowMeter's configuration file: a JSON object. Taken are
 * pcap_file_address, output_file_address, label, number_of_threads,
 * max_flow_duration, activity_timeout, floating_point_unit, max_rows_number
 * and features_ignore_list; its other settings tune its own batches, and mean
 * nothing here. What the command line says wins.
 */
#ifndef CMD_FLOWS_CONFIG_H
#define CMD_FLOWS_CONFIG_H

#include "base/buffer.h"
#include "base/text/json_reader.h"
#include "cmd/flows_args.h"

struct flows_config {
    const char *path;               /* of the file; borrowed */
    struct json_document *document; /* holds the text that the arguments point to */
    struct buffer drop;
    const char *input; /* pcap_file_address, or NULL */
};

/* Fills what `args` leaves open. Unknown settings are an error that names them. */
int flows_config_apply(struct flows_config *config, struct flows_args *args,
                       struct lcap_error *error);
void flows_config_release(struct flows_config *config);

#endif
