/* What both engines of pcap2json share: the storage of packets, and the output of rows. */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_ROW_H
#define FEATURES_PCAP2JSON_PCAP2JSON_ROW_H

#include "base/io/chains.h"
#include "features/pcap2json/pcap2json_text.h"
#include "features/profile.h"

/* The one column: the flow as JSON. */
extern const struct profile_column pcap2json_columns[];

/* Chains in as much memory as the options allow. */
int pcap2json_chains(struct chains **chains, const struct lcap_flow_options *options,
                     struct lcap_error *error);

/* Passes on the row whose text has been begun. */
int pcap2json_emit(const struct engine_setup *setup, struct pcap2json_text *text,
                   struct lcap_flow_row *summary, struct lcap_error *error);

extern const struct engine_class pcap2json_engine;
extern const struct engine_class compat_pcap2json;

#endif
