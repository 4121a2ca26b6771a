/* The columns of the nexusflowmeter profile and of its compat mode: the names are those of the
 * original.
 */
#include "features/measure/formulas.h"
#include "features/nexusflowmeter/nexusflowmeter_row.h"

#include <stddef.h>

#define COLUMN(name_, kind_, unit_, member, description_, formula_, original_)                     \
    {                                                                                              \
        .column = {.name = (name_),                                                                \
                   .kind = LCAP_CELL_##kind_,                                                      \
                   .unit = (unit_),                                                                \
                   .description = (description_),                                                  \
                   .formula = (formula_),                                                          \
                   .original = (original_)},                                                       \
        .offset = offsetof(struct nexus_row, member)                                               \
    }

#define SMALLER "the endpoint whose address sorts first as text (then the lower port)"
#define ITS_FORWARD                                                                                \
    "forward is what comes from the address of src_ip, whatever the port; every packet if both "   \
    "addresses are the same, and every ARP packet"
#define ITS_BYTES "captured bytes"
#define ITS_PAYLOAD                                                                                \
    "bytes of TCP and UDP packets after the second layer, to the end of the frame: for Ethernet "  \
    "the transport header, the payload and the padding of the frame, with a VLAN tag also the IP " \
    "header; for raw IP only the payload"
#define ITS_TIMES                                                                                  \
    "from times as doubles, rounded to microseconds, in file order; 0 for a single packet"
#define FORMULA_REQUESTS "count(tcp.flags.syn == 1 and tcp.flags.ack == 0)"
#define FORMULA_TIME(x)  x " as YYYY-MM-DD HH:MM:SS."
#define FORMULA_SETS                                                                               \
    "letters of each set: F (FIN), S (SYN), R (RST), P (PSH), A (ACK), U (URG), E (ECE), C "       \
    "(CWR), N (NS)"

const struct profile_column nexus_columns[] = {
    COLUMN("sample_id", UNSIGNED, "", sample_id, "The sampleID of the flow; empty without a label",
           FORMULA_SAMPLE_ID, "has no such column"),
    COLUMN("metadata", TEXT, "", metadata, "The label of the sample",
           FORMULA_METADATA FORMULA_OTHER_LABEL, "has no such column"),
    COLUMN("flow_id", TEXT, "", flow_id, "Name of the flow",
           "SRC:PORT <-> DST:PORT (PROTOCOL), or SRC <-> DST (PROTOCOL) without ports; an IPv6 "
           "address before a port is in brackets",
           "no brackets; no ports if one of them is 0; in the order of src_ip; in tunnels the "
           "addresses of the first IPv4 header, if there is one, and the ports of the first TCP "
           "header, or else of the first UDP header"),
    COLUMN("src_ip", TEXT, "", source, "Address of the initiator",
           "the sender of a SYN without ACK, else the sender of the first packet, or its receiver "
           "if it is a SYN/ACK",
           "address of " SMALLER),
    COLUMN("dst_ip", TEXT, "", destination, "Address of the responder", FORMULA_DESTINATION,
           "address of the other endpoint"),
    COLUMN("src_port", UNSIGNED, "", source_port,
           "Port of the initiator; empty if the protocol has no ports, or if the flow consists "
           "only of later fragments",
           FORMULA_SOURCE_PORT,
           "port of the endpoint of src_ip; empty for 0, and for SCTP, UDP-Lite and DCCP"),
    COLUMN("dst_port", UNSIGNED, "", destination_port,
           "Port of the responder; empty as for src_port", FORMULA_DESTINATION_PORT,
           "port of the endpoint of dst_ip; empty for 0, and for SCTP, UDP-Lite and DCCP"),
    COLUMN("protocol", TEXT, "", protocol, "Transport protocol, or ARP", FORMULA_PROTOCOL,
           "TCP, UDP, ICMP (IPv4 only) or ARP, also in tunnels; otherwise Unknown, for example for "
           "ICMPv6, SCTP and later fragments"),
    COLUMN("start_time", TEXT, "", start, "Time of the earliest packet, in UTC",
           FORMULA_TIME("min(frame.time_epoch)") "nnnnnnnnn",
           "time of the first packet in the file, in local time with microseconds"),
    COLUMN("end_time", TEXT, "", end, "Time of the latest packet, in UTC",
           FORMULA_TIME("max(frame.time_epoch)") "nnnnnnnnn",
           "time of the last packet in the file, in local time with microseconds"),
    COLUMN("duration_seconds", SECONDS, "s", duration, "Duration",
           "max(frame.time_epoch) - min(frame.time_epoch)",
           "time of the last packet in the file - time of the first; negative if the file is out "
           "of order; no time-out ends a flow"),
    COLUMN("total_packets", UNSIGNED, "packets", packets, "Packets", "count(packets)", NULL),
    COLUMN("forward_packets", UNSIGNED, "packets", forward_packets, "Packets from the initiator",
           "count(packets)", ITS_FORWARD),
    COLUMN("backward_packets", UNSIGNED, "packets", backward_packets, "Packets from the responder",
           "count(packets)", "all packets that are not forward: " ITS_FORWARD),
    COLUMN("is_bidirectional", BOOL, "", bidirectional,
           "Whether there are packets in both directions",
           "forward_packets > 0 and backward_packets > 0", "True and False"),
    COLUMN("forward_backward_ratio", REAL, "", ratio,
           "Forward packets per backward packet; empty without backward packets",
           "forward_packets / backward_packets", "inf without backward packets"),
    COLUMN("total_bytes", UNSIGNED, "bytes", bytes, "Frame lengths on the wire", "sum(frame.len)",
           ITS_BYTES),
    COLUMN("forward_bytes", UNSIGNED, "bytes", forward_bytes,
           "Frame lengths of packets from the initiator", "sum(frame.len)",
           ITS_BYTES "; " ITS_FORWARD),
    COLUMN("backward_bytes", UNSIGNED, "bytes", backward_bytes,
           "Frame lengths of packets from the responder", "sum(frame.len)",
           ITS_BYTES "; " ITS_FORWARD),
    COLUMN("total_payload_bytes", UNSIGNED, "bytes", payload,
           "Payload after the transport header, for every protocol, by the lengths in the headers",
           "sum(payload_length)", ITS_PAYLOAD),
    COLUMN("forward_payload_bytes", UNSIGNED, "bytes", forward_payload,
           "Payload of packets from the initiator", "sum(payload_length)",
           ITS_PAYLOAD "; " ITS_FORWARD),
    COLUMN("backward_payload_bytes", UNSIGNED, "bytes", backward_payload,
           "Payload of packets from the responder", "sum(payload_length)",
           ITS_PAYLOAD "; " ITS_FORWARD),
    COLUMN("packets_per_second", REAL, "packets/s", packet_rate,
           "Packets per second; empty if the duration is 0", "total_packets / duration_seconds",
           "0 if the duration is not above 0"),
    COLUMN("bytes_per_second", REAL, "bytes/s", byte_rate,
           "Bytes per second; empty if the duration is 0", "total_bytes / duration_seconds",
           "0 if the duration is not above 0; " ITS_BYTES),
    COLUMN("min_packet_size", UNSIGNED, "bytes", min_size, "Shortest frame on the wire",
           "min(frame.len)", ITS_BYTES),
    COLUMN("max_packet_size", UNSIGNED, "bytes", max_size, "Longest frame on the wire",
           "max(frame.len)", ITS_BYTES),
    COLUMN("avg_packet_size", REAL, "bytes", mean_size, "Mean frame length on the wire",
           "total_bytes / total_packets", ITS_BYTES),
    COLUMN("avg_inter_arrival_ms", REAL, "ms", mean_gap,
           "Mean time between consecutive packets; empty for a single packet", FORMULA_MEAN("gap"),
           ITS_TIMES "; negative times count"),
    COLUMN("min_inter_arrival_ms", REAL, "ms", min_gap,
           "Shortest time between consecutive packets; empty for a single packet", "min(gap)",
           ITS_TIMES "; negative times count"),
    COLUMN("max_inter_arrival_ms", REAL, "ms", max_gap,
           "Longest time between consecutive packets; empty for a single packet", "max(gap)",
           ITS_TIMES),
    COLUMN("tcp_flags", TEXT, "", flags, "The different sets of TCP flags of the packets",
           FORMULA_SETS "; - for no flags; sorted bytewise, separated by commas",
           "an empty text for a packet without flags"),
    COLUMN("syn_count", UNSIGNED, "packets", syn, "Connection requests", FORMULA_REQUESTS, NULL),
    COLUMN("fin_count", UNSIGNED, "packets", fin, "Packets with FIN", FORMULA_FLAG("fin"), NULL),
    COLUMN("rst_count", UNSIGNED, "packets", rst, "Packets with RST", FORMULA_FLAG("reset"), NULL),
    COLUMN("ack_count", UNSIGNED, "packets", ack, "Packets with ACK", FORMULA_FLAG("ack"), NULL),
    COLUMN("connection_state", TEXT, "", state, "State of a TCP connection; otherwise Unknown",
           "the first that applies: Closed: FIN in both directions; Reset: RST; Ongoing: no SYN, "
           "so the flow lacks its beginning; Established: SYN, and SYN with ACK from the "
           "responder; Attempted: only SYN",
           "Established: SYN, no FIN, no RST, answered or not; Closed: SYN and a FIN; Reset: RST; "
           "otherwise Ongoing"),
    {{0}, 0},
};

#define INT_ZERO "; 0 without a decimal point if no row has one"

const struct profile_column nexus_compat_columns[] = {
    COLUMN("flow_id", TEXT, "", flow_id, "Name of the flow",
           "SRC:PORT <-> DST:PORT (PROTOCOL), or SRC <-> DST (PROTOCOL) if a port is 0", NULL),
    COLUMN("src_ip", TEXT, "", source, "Address of " SMALLER,
           "ip.src or ip.dst; ipv6.src or ipv6.dst; arp.src.proto_ipv4 or arp.dst.proto_ipv4",
           NULL),
    COLUMN("dst_ip", TEXT, "", destination, "Address of the other endpoint",
           "the other one of these", NULL),
    COLUMN("src_port", UNSIGNED, "", source_port, "Port of src_ip; empty for 0",
           "tcp.port or udp.port", NULL),
    COLUMN("dst_port", UNSIGNED, "", destination_port, "Port of dst_ip; empty for 0",
           "tcp.port or udp.port", NULL),
    COLUMN("protocol", TEXT, "", protocol, "TCP, UDP, ICMP, ARP or Unknown",
           "the first of these that the packets contain, at any depth of tunnels", NULL),
    COLUMN("start_time", TEXT, "", start, "Time of the first packet in the file, in UTC",
           FORMULA_TIME("first(frame.time_epoch)") "ffffff", NULL),
    COLUMN("end_time", TEXT, "", end, "Time of the last packet in the file, in UTC",
           FORMULA_TIME("last(frame.time_epoch)") "ffffff", NULL),
    COLUMN("duration_seconds", EXACT, "s", duration, "Duration",
           "end_time - start_time; may be negative" INT_ZERO, NULL),
    COLUMN("total_packets", UNSIGNED, "packets", packets, "Packets", "count(packets)", NULL),
    COLUMN("forward_packets", UNSIGNED, "packets", forward_packets, "Packets from src_ip",
           ITS_FORWARD, NULL),
    COLUMN("backward_packets", UNSIGNED, "packets", backward_packets, "All other packets",
           "total_packets - forward_packets", NULL),
    COLUMN("is_bidirectional", BOOL, "", bidirectional,
           "Whether there are packets in both directions",
           "forward_packets > 0 and backward_packets > 0", NULL),
    COLUMN("forward_backward_ratio", EXACT, "", ratio, "Forward packets per backward packet",
           "forward_packets / backward_packets; inf without backward packets", NULL),
    COLUMN("total_bytes", UNSIGNED, "bytes", bytes, "Captured bytes", "sum(frame.cap_len)", NULL),
    COLUMN("forward_bytes", UNSIGNED, "bytes", forward_bytes, "Captured bytes from src_ip",
           "sum(frame.cap_len)", NULL),
    COLUMN("backward_bytes", UNSIGNED, "bytes", backward_bytes, "All other captured bytes",
           "total_bytes - forward_bytes", NULL),
    COLUMN("total_payload_bytes", UNSIGNED, "bytes", payload, "What counts as payload", ITS_PAYLOAD,
           NULL),
    COLUMN("forward_payload_bytes", UNSIGNED, "bytes", forward_payload,
           "The same, of packets from src_ip", "as total_payload_bytes", NULL),
    COLUMN("backward_payload_bytes", UNSIGNED, "bytes", backward_payload,
           "The same, of all other packets", "total_payload_bytes - forward_payload_bytes", NULL),
    COLUMN("packets_per_second", EXACT, "packets/s", packet_rate, "Packets per second",
           "total_packets / duration_seconds; 0 if the duration is not above 0" INT_ZERO, NULL),
    COLUMN("bytes_per_second", EXACT, "bytes/s", byte_rate, "Bytes per second",
           "total_bytes / duration_seconds; 0 if the duration is not above 0" INT_ZERO, NULL),
    COLUMN("min_packet_size", UNSIGNED, "bytes", min_size, "Minimum captured bytes of a packet",
           "min(frame.cap_len)", NULL),
    COLUMN("max_packet_size", UNSIGNED, "bytes", max_size, "Maximum captured bytes of a packet",
           "max(frame.cap_len)", NULL),
    COLUMN("avg_packet_size", EXACT, "bytes", mean_size, "Mean captured bytes of a packet",
           "total_bytes / total_packets", NULL),
    COLUMN("avg_inter_arrival_ms", EXACT, "ms", mean_gap, "Mean time between packets",
           "sum of doubles / (total_packets - 1); 0 for a single packet" INT_ZERO, NULL),
    COLUMN("min_inter_arrival_ms", EXACT, "ms", min_gap, "Minimum time between packets",
           "microseconds / 1e6 * 1000; may be negative; 0 for a single packet" INT_ZERO, NULL),
    COLUMN("max_inter_arrival_ms", EXACT, "ms", max_gap, "Maximum time between packets",
           "microseconds / 1e6 * 1000; 0 for a single packet" INT_ZERO, NULL),
    COLUMN("tcp_flags", TEXT, "", flags, "The different sets of TCP flags of the packets",
           FORMULA_SETS "; an empty text for no flags; sorted bytewise, separated by commas", NULL),
    COLUMN("syn_count", UNSIGNED, "packets", syn, "Connection requests", FORMULA_REQUESTS, NULL),
    COLUMN("fin_count", UNSIGNED, "packets", fin, "Packets with FIN", FORMULA_FLAG("fin"), NULL),
    COLUMN("rst_count", UNSIGNED, "packets", rst, "Packets with RST", FORMULA_FLAG("reset"), NULL),
    COLUMN("ack_count", UNSIGNED, "packets", ack, "Packets with ACK", FORMULA_FLAG("ack"), NULL),
    COLUMN("connection_state", TEXT, "", state, "State of a TCP connection; otherwise Unknown",
           "Established: SYN, no FIN, no RST; Closed: SYN and FIN; Reset: RST; otherwise Ongoing",
           NULL),
    {{0}, 0},
};
