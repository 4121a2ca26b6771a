/* The profile pcap2json. */
#include "features/pcap2json_fields.h"
#include "features/pcap2json_row.h"

const struct lcap_profile profile_pcap2json = {
    .name = "pcap2json",
    .summary = "The packets of each flow as JSON, in the two shapes of pcap2json",
    .columns = pcap2json_columns,
    .compat_columns = pcap2json_columns,
    .fields = pcap2json_fields,
    .engine = &pcap2json_engine,
    .compat = &compat_pcap2json,
    .defaults = {.unidirectional = true, .idle_ns = (int64_t)60 * 1000000000},
    .compat_defaults = {.unidirectional = true},
};
