/* The profile pcap2json. */
#include "features/pcap2json/pcap2json_fields.h"
#include "features/pcap2json/pcap2json_row.h"

static const char about[] =
    "Each flow is one JSON value: an object with its packets (coarse), or with `--detail` an array "
    "whose first element is the flow's key and whose others are its packets. Only packets with "
    "payload are in it, each with its whole IP packet (coarse) or its header fields and payload. "
    "The coarse shape has all flows, `--detail` those with data packets.\n"
    "\n"
    "What packets contain waits in `--memory` until their flow has ended, and in a temporary file "
    "where that is full. A flow's text is never in memory as a whole.\n"
    "\n"
    "`--compat` is pcap2json at f87dc76 under dpkt 1.9.8, in UTC. It knows no time-outs, and "
    "writes "
    "flows in the order of their first packets: all of them stay until their input has ended. The "
    "members are those below without `sample_id`, `metadata`, `retransmissions` and nanoseconds. "
    "Packets that kill the original are left out and counted: link types other than Ethernet and "
    "raw IP, transport headers that dpkt cannot parse, TCP data on the addresses and ports of a "
    "flow "
    "that began with another protocol. So are Simple Packet Blocks, which dpkt does not know. "
    "Of a pcapng with several interfaces each packet is read by its own; dpkt takes all for those "
    "of the first. What AH carries, and GRE but for IPv4, is written as it was captured, where "
    "dpkt parses it once more.";

const struct lcap_profile profile_pcap2json = {
    .name = "pcap2json",
    .about = about,
    .summary = "The packets of each flow as JSON, in the two shapes of pcap2json",
    .columns = pcap2json_columns,
    .compat_columns = pcap2json_columns,
    .fields = pcap2json_fields,
    .engine = &pcap2json_engine,
    .compat = &compat_pcap2json,
    .defaults = {.unidirectional = true, .idle_ns = (int64_t)60 * 1000000000},
    .compat_defaults = {.unidirectional = true},
};
