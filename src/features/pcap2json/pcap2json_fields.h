/* The members of pcap2json's JSON, for people. */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_FIELDS_H
#define FEATURES_PCAP2JSON_PCAP2JSON_FIELDS_H

#include <labelcap/flow.h>

/* Both layouts, the coarse one first; ends with a NULL name. Offsets have no meaning. */
extern const struct lcap_column pcap2json_fields[];

#endif
