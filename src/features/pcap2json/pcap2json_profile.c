/* The profile pcap2json. */
#include "features/pcap2json/pcap2json_fields.h"
#include "features/pcap2json/pcap2json_row.h"

static const char about[] =
    "Each flow is one JSON value: an object that contains its packets (the coarse layout),\n"
    "or, with `--detail`, an array of the key of the flow and its packets. Only packets with\n"
    "payload are included, each with its whole IP packet (coarse) or with its header fields\n"
    "and payload (`--detail`). The coarse layout has all flows, `--detail` only those with\n"
    "data packets.\n"
    "\n"
    "Packet contents wait in `--memory` until their flow ends, and in a temporary file when\n"
    "that is full. The text of a flow is never in memory as a whole.\n"
    "\n"
    "`--compat` is pcap2json at f87dc76 under dpkt 1.9.8, in UTC. It has no time-outs and\n"
    "writes flows in the order of their first packets, so all flows wait until their input\n"
    "ends. Its members are those below without `sample_id`, `metadata`, `retransmissions` and\n"
    "nanoseconds. Packets that crash the original are left out and counted: link types other\n"
    "than Ethernet and raw IP, transport headers that dpkt cannot parse, and TCP data on the\n"
    "addresses and ports of a flow that began with another protocol. So are Simple Packet\n"
    "Blocks, which dpkt does not know. Where a pcapng file has several interfaces, each\n"
    "packet is read by its own interface; dpkt reads all packets by the first. The contents\n"
    "of AH, and of GRE other than IPv4, are written as captured, whereas dpkt parses and\n"
    "re-encodes them.";

const struct lcap_profile profile_pcap2json = {
    .name = "pcap2json",
    .about = about,
    .summary = "The packets of each flow as JSON, as in pcap2json",
    .columns = pcap2json_columns,
    .compat_columns = pcap2json_columns,
    .fields = pcap2json_fields,
    .engine = &pcap2json_engine,
    .compat = &compat_pcap2json,
    .defaults = {.unidirectional = true, .idle_ns = (int64_t)60 * 1000000000},
    .compat_defaults = {.unidirectional = true},
};
