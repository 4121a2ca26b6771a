/* The columns of the nexusflowmeter profile and of its compat mode: the names are the original's.
 */
#include "features/measure/formulas.h"
#include "features/nexusflowmeter/nexusflowmeter_row.h"

#include <stddef.h>

#define COLUMN(name_, kind_, unit_, member, description_, formula_, original_)                     \
    {                                                                                              \
        .name = (name_), .kind = LCAP_CELL_##kind_, .unit = (unit_),                               \
        .description = (description_), .formula = (formula_), .original = (original_),             \
        .offset = offsetof(struct nexus_row, member)                                               \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

#define SMALLER "the endpoint whose address comes first as text (then the lower port)"
#define ITS_FORWARD                                                                                \
    "forward is what comes from the address of src_ip, ports not looked at; all packets where "    \
    "both addresses are the same, and all of ARP"
#define ITS_BYTES "captured bytes"
#define ITS_PAYLOAD                                                                                \
    "bytes behind the second layer of TCP and UDP packets to the end of the frame: for Ethernet "  \
    "that is the transport header, the payload and the frame's padding, with a VLAN tag the IP "   \
    "header too; of raw IP the payload alone"
#define ITS_TIMES                                                                                  \
    "times as doubles, rounded to microseconds, in the order of the file; 0 for a single packet"
#define FORMULA_REQUESTS "count(tcp.flags.syn == 1 and tcp.flags.ack == 0)"
#define FORMULA_TIME(x)  x " as YYYY-MM-DD HH:MM:SS."
#define FORMULA_SETS                                                                               \
    "letters of each set: F (FIN), S (SYN), R (RST), P (PSH), A (ACK), U (URG), E (ECE), C "       \
    "(CWR), N (NS)"

const struct lcap_column nexus_columns[] = {
    COLUMN("sample_id", UNSIGNED, "", sample_id, "The flow's sample; empty without a label",
           FORMULA_SAMPLE_ID, "has no such column"),
    COLUMN("metadata", TEXT, "", metadata, "The sample's label",
           FORMULA_METADATA FORMULA_OTHER_LABEL, "has no such column"),
    COLUMN("flow_id", TEXT, "", flow_id, "Name of the flow",
           "SRC:PORT <-> DST:PORT (PROTOCOL), or SRC <-> DST (PROTOCOL) where there are no ports; "
           "IPv6 addresses in brackets before a port",
           "no brackets; no ports where one of them is 0; the order is that of src_ip; in tunnels "
           "the addresses of the first IPv4 header, where there is one, and the ports of the first "
           "TCP header, or else of the first UDP header"),
    COLUMN("src_ip", TEXT, "", source, "Address of the initiator",
           "who sent a SYN without ACK, else who sent the first packet, or got it where it is a "
           "SYN/ACK",
           "address of " SMALLER),
    COLUMN("dst_ip", TEXT, "", destination, "Address of the responder", FORMULA_DESTINATION,
           "address of the endpoint that is not src_ip"),
    COLUMN("src_port", UNSIGNED, "", source_port,
           "Port of the initiator; empty where the protocol has no ports, or where all that is "
           "known of the flow are later fragments",
           FORMULA_SOURCE_PORT,
           "port of the endpoint of src_ip; empty for 0, and for SCTP, UDP-Lite and DCCP"),
    COLUMN("dst_port", UNSIGNED, "", destination_port, "Port of the responder; empty likewise",
           FORMULA_DESTINATION_PORT,
           "port of the endpoint of dst_ip; empty for 0, and for SCTP, UDP-Lite and DCCP"),
    COLUMN("protocol", TEXT, "", protocol, "Transport protocol, or ARP", FORMULA_PROTOCOL,
           "TCP, UDP, ICMP (IPv4 alone), ARP, also in tunnels; else Unknown, so for ICMPv6, SCTP "
           "and later fragments"),
    COLUMN("start_time", TEXT, "", start, "Time of the earliest packet, in UTC",
           FORMULA_TIME("min(frame.time_epoch)") "nnnnnnnnn",
           "time of the first packet in the file, in local time with microseconds"),
    COLUMN("end_time", TEXT, "", end, "Time of the latest packet, in UTC",
           FORMULA_TIME("max(frame.time_epoch)") "nnnnnnnnn",
           "time of the last packet in the file, in local time with microseconds"),
    COLUMN("duration_seconds", SECONDS, "s", duration, "Duration",
           "max(frame.time_epoch) - min(frame.time_epoch)",
           "last - first in the file, negative for files out of order; never ended by a time-out"),
    COLUMN("total_packets", UNSIGNED, "packets", packets, "Packets", "count(packets)", NULL),
    COLUMN("forward_packets", UNSIGNED, "packets", forward_packets, "Packets from the initiator",
           "count(packets)", ITS_FORWARD),
    COLUMN("backward_packets", UNSIGNED, "packets", backward_packets, "Packets from the responder",
           "count(packets)", "all that are not forward: " ITS_FORWARD),
    COLUMN("is_bidirectional", BOOL, "", bidirectional, "Whether there are packets both ways",
           "forward_packets > 0 and backward_packets > 0", "True and False"),
    COLUMN("forward_backward_ratio", REAL, "", ratio,
           "Forward packets to each backward one; empty where there is none",
           "forward_packets / backward_packets", "inf where there is none"),
    COLUMN("total_bytes", UNSIGNED, "bytes", bytes, "Frame lengths on the wire", "sum(frame.len)",
           ITS_BYTES),
    COLUMN("forward_bytes", UNSIGNED, "bytes", forward_bytes,
           "Frame lengths of packets from the initiator", "sum(frame.len)",
           ITS_BYTES "; " ITS_FORWARD),
    COLUMN("backward_bytes", UNSIGNED, "bytes", backward_bytes,
           "Frame lengths of packets from the responder", "sum(frame.len)",
           ITS_BYTES "; " ITS_FORWARD),
    COLUMN(
        "total_payload_bytes", UNSIGNED, "bytes", payload,
        "Payload behind the transport header, of every protocol, by the lengths that the headers "
        "state",
        "sum(payload_length)", ITS_PAYLOAD),
    COLUMN("forward_payload_bytes", UNSIGNED, "bytes", forward_payload,
           "Payload of packets from the initiator", "sum(payload_length)",
           ITS_PAYLOAD "; " ITS_FORWARD),
    COLUMN("backward_payload_bytes", UNSIGNED, "bytes", backward_payload,
           "Payload of packets from the responder", "sum(payload_length)",
           ITS_PAYLOAD "; " ITS_FORWARD),
    COLUMN("packets_per_second", REAL, "packets/s", packet_rate,
           "Packets a second; empty for a duration of 0", "total_packets / duration_seconds",
           "0 for durations that are not above 0"),
    COLUMN("bytes_per_second", REAL, "bytes/s", byte_rate,
           "Bytes a second; empty for a duration of 0", "total_bytes / duration_seconds",
           "0 for durations that are not above 0; " ITS_BYTES),
    COLUMN("min_packet_size", UNSIGNED, "bytes", min_size, "Shortest frame on the wire",
           "min(frame.len)", ITS_BYTES),
    COLUMN("max_packet_size", UNSIGNED, "bytes", max_size, "Longest frame on the wire",
           "max(frame.len)", ITS_BYTES),
    COLUMN("avg_packet_size", REAL, "bytes", mean_size, "Mean frame length on the wire",
           "total_bytes / total_packets", ITS_BYTES),
    COLUMN("avg_inter_arrival_ms", REAL, "ms", mean_gap,
           "Mean time between one packet and the next; empty for a single packet",
           FORMULA_MEAN("gap"), ITS_TIMES "; negative times between count"),
    COLUMN("min_inter_arrival_ms", REAL, "ms", min_gap,
           "Shortest time between one packet and the next; empty for a single packet", "min(gap)",
           ITS_TIMES "; negative times between count"),
    COLUMN("max_inter_arrival_ms", REAL, "ms", max_gap,
           "Longest time between one packet and the next; empty for a single packet", "max(gap)",
           ITS_TIMES),
    COLUMN("tcp_flags", TEXT, "", flags, "The different sets of TCP flags of its packets",
           FORMULA_SETS "; - for none; sorted by their bytes, with commas between",
           "nothing for a packet without flags"),
    COLUMN("syn_count", UNSIGNED, "packets", syn, "Requests for a connection", FORMULA_REQUESTS,
           NULL),
    COLUMN("fin_count", UNSIGNED, "packets", fin, "Packets with FIN", FORMULA_FLAG("fin"), NULL),
    COLUMN("rst_count", UNSIGNED, "packets", rst, "Packets with RST", FORMULA_FLAG("reset"), NULL),
    COLUMN("ack_count", UNSIGNED, "packets", ack, "Packets with ACK", FORMULA_FLAG("ack"), NULL),
    COLUMN("connection_state", TEXT, "", state, "What became of a TCP connection; else Unknown",
           "the first that holds: Closed: FIN both ways; Reset: RST; Ongoing: no SYN, so its "
           "beginning is not in the flow; Established: SYN, and SYN with ACK from the responder; "
           "Attempted: SYN alone",
           "Established: SYN, no FIN, no RST, answered or not; Closed: SYN and a FIN; Reset: RST; "
           "else Ongoing"),
    END,
};

#define INT_ZERO "; 0 without a point where no row has one"

const struct lcap_column nexus_compat_columns[] = {
    COLUMN("flow_id", TEXT, "", flow_id, "Name of the flow",
           "SRC:PORT <-> DST:PORT (PROTOCOL), or SRC <-> DST (PROTOCOL) where a port is 0", NULL),
    COLUMN("src_ip", TEXT, "", source, "Address of " SMALLER,
           "ip.src or ip.dst; ipv6.src or ipv6.dst; arp.src.proto_ipv4 or arp.dst.proto_ipv4",
           NULL),
    COLUMN("dst_ip", TEXT, "", destination, "Address of the other endpoint",
           "the one of these that is not src_ip", NULL),
    COLUMN("src_port", UNSIGNED, "", source_port, "Port of src_ip; empty for 0",
           "tcp.port or udp.port", NULL),
    COLUMN("dst_port", UNSIGNED, "", destination_port, "Port of dst_ip; empty for 0",
           "tcp.port or udp.port", NULL),
    COLUMN("protocol", TEXT, "", protocol, "TCP, UDP, ICMP, ARP or Unknown",
           "the first of these that the packets have, at any depth of tunnels", NULL),
    COLUMN("start_time", TEXT, "", start, "Time of the first packet in the file, in UTC",
           FORMULA_TIME("first(frame.time_epoch)") "ffffff", NULL),
    COLUMN("end_time", TEXT, "", end, "Time of the last packet in the file, in UTC",
           FORMULA_TIME("last(frame.time_epoch)") "ffffff", NULL),
    COLUMN("duration_seconds", EXACT, "s", duration, "Duration",
           "end_time - start_time, may be negative" INT_ZERO, NULL),
    COLUMN("total_packets", UNSIGNED, "packets", packets, "Packets", "count(packets)", NULL),
    COLUMN("forward_packets", UNSIGNED, "packets", forward_packets, "Packets from src_ip",
           ITS_FORWARD, NULL),
    COLUMN("backward_packets", UNSIGNED, "packets", backward_packets, "All other packets",
           "total_packets - forward_packets", NULL),
    COLUMN("is_bidirectional", BOOL, "", bidirectional, "Whether there are packets both ways",
           "forward_packets > 0 and backward_packets > 0", NULL),
    COLUMN("forward_backward_ratio", EXACT, "", ratio, "Forward packets to each backward one",
           "forward_packets / backward_packets; inf for none backward", NULL),
    COLUMN("total_bytes", UNSIGNED, "bytes", bytes, "Captured bytes", "sum(frame.cap_len)", NULL),
    COLUMN("forward_bytes", UNSIGNED, "bytes", forward_bytes, "Captured bytes from src_ip",
           "sum(frame.cap_len)", NULL),
    COLUMN("backward_bytes", UNSIGNED, "bytes", backward_bytes, "All other captured bytes",
           "total_bytes - forward_bytes", NULL),
    COLUMN("total_payload_bytes", UNSIGNED, "bytes", payload, "What is taken for payload",
           ITS_PAYLOAD, NULL),
    COLUMN("forward_payload_bytes", UNSIGNED, "bytes", forward_payload,
           "The same, of packets from src_ip", "as total_payload_bytes", NULL),
    COLUMN("backward_payload_bytes", UNSIGNED, "bytes", backward_payload,
           "The same, of all other packets", "total_payload_bytes - forward_payload_bytes", NULL),
    COLUMN("packets_per_second", EXACT, "packets/s", packet_rate, "Packets a second",
           "total_packets / duration_seconds; 0 for durations not above 0" INT_ZERO, NULL),
    COLUMN("bytes_per_second", EXACT, "bytes/s", byte_rate, "Bytes a second",
           "total_bytes / duration_seconds; 0 for durations not above 0" INT_ZERO, NULL),
    COLUMN("min_packet_size", UNSIGNED, "bytes", min_size, "Fewest captured bytes of a packet",
           "min(frame.cap_len)", NULL),
    COLUMN("max_packet_size", UNSIGNED, "bytes", max_size, "Most captured bytes of a packet",
           "max(frame.cap_len)", NULL),
    COLUMN("avg_packet_size", EXACT, "bytes", mean_size, "Mean of captured bytes",
           "total_bytes / total_packets", NULL),
    COLUMN("avg_inter_arrival_ms", EXACT, "ms", mean_gap, "Mean time between packets",
           "sum of doubles / (total_packets - 1); 0 for a single packet" INT_ZERO, NULL),
    COLUMN("min_inter_arrival_ms", EXACT, "ms", min_gap, "Least time between packets",
           "microseconds / 1e6 * 1000; may be negative; 0 for a single packet" INT_ZERO, NULL),
    COLUMN("max_inter_arrival_ms", EXACT, "ms", max_gap, "Greatest time between packets",
           "microseconds / 1e6 * 1000; 0 for a single packet" INT_ZERO, NULL),
    COLUMN("tcp_flags", TEXT, "", flags, "The different sets of TCP flags of its packets",
           FORMULA_SETS "; nothing for none; sorted by their bytes, with commas between", NULL),
    COLUMN("syn_count", UNSIGNED, "packets", syn, "Requests for a connection", FORMULA_REQUESTS,
           NULL),
    COLUMN("fin_count", UNSIGNED, "packets", fin, "Packets with FIN", FORMULA_FLAG("fin"), NULL),
    COLUMN("rst_count", UNSIGNED, "packets", rst, "Packets with RST", FORMULA_FLAG("reset"), NULL),
    COLUMN("ack_count", UNSIGNED, "packets", ack, "Packets with ACK", FORMULA_FLAG("ack"), NULL),
    COLUMN("connection_state", TEXT, "", state, "What is said of a TCP connection; else Unknown",
           "Established: SYN, no FIN, no RST; Closed: SYN and FIN; Reset: RST; else Ongoing", NULL),
    END,
};
