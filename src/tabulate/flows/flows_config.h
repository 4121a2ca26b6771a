/*
 * NetFlowMeter's configuration file: a JSON object. Used are pcap_file_address,
 * output_file_address, label, number_of_threads, max_flow_duration,
 * activity_timeout, floating_point_unit, max_rows_number and features_ignore_list;
 * the other settings tune batches, which labelcap does not have. The command line
 * takes precedence.
 */
#ifndef TABULATE_FLOWS_FLOWS_CONFIG_H
#define TABULATE_FLOWS_FLOWS_CONFIG_H

#include "base/buffer.h"
#include "base/text/json_reader.h"
#include "tabulate/flows/flows_request.h"

struct flows_config {
    const char *path;               /* of the file; borrowed */
    struct json_document *document; /* holds the text to which the arguments point */
    struct buffer drop;
    const char *input; /* pcap_file_address, or NULL */
};

/* Fills in what `wanted` leaves open. Unknown settings are an error that names them. */
int flows_config_apply(struct flows_config *config, struct flows_request *wanted,
                       struct lcap_error *error);
void flows_config_release(struct flows_config *config);

#endif
