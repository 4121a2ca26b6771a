/* The columns of the profile `labelcap`. The documentation is generated from this table. */
#include "features/labelcap/labelcap_row.h"
#include "features/measure/formulas.h"

#define U LCAP_CELL_UNSIGNED
#define I LCAP_CELL_SIGNED
#define R LCAP_CELL_REAL
#define S LCAP_CELL_SECONDS
#define T LCAP_CELL_TEXT
#define B LCAP_CELL_BOOL
#define L LCAP_CELL_SERIES

#define COLUMN(member, kind, name, unit, description, formula)                                     \
    {                                                                                              \
        {name, kind, unit, description, formula, NULL}, offsetof(struct labelcap_row, member)      \
    }

#define UNKNOWN_PORTS "empty if only later fragments of the flow are known"

/* NOLINTBEGIN(bugprone-macro-parentheses): neither members nor texts take parentheses */

/* In each family: `way` is the column's prefix, `cells` the member of the row, and `whose` says
 * which packets the column covers. */
#define EACH_WAY(FAMILY)                                                                           \
    FAMILY("", both, "in both directions"),                                                        \
        FAMILY("forward_", forward, "from source to destination"),                                 \
        FAMILY("backward_", backward, "from destination to source")

#define EACH_SIDE(FAMILY)                                                                          \
    FAMILY("forward_", forward_side, "from source to destination"),                                \
        FAMILY("backward_", backward_side, "from destination to source")

#define VOLUMES(way, cells, whose)                                                                 \
    COLUMN(cells.packets, U, way "packets", "packets", "Packets " whose, "count(packets)"),        \
        COLUMN(cells.bytes, U, way "bytes", "bytes",                                               \
               "Bytes of frames on the wire " whose ", including the link layer",                  \
               "sum(frame.len)"),                                                                  \
        COLUMN(cells.ip_bytes, U, way "ip_bytes", "bytes",                                         \
               "Bytes of IP packets (or ARP packets) " whose ", without link-layer padding",       \
               "sum(ip_length)"),                                                                  \
        COLUMN(cells.payload_packets, U, way "payload_packets", "packets",                         \
               "Packets with payload after the transport header " whose,                           \
               "count(payload_length > 0)"),                                                       \
        COLUMN(cells.payload_bytes, U, way "payload_bytes", "bytes",                               \
               "Bytes of payload after the transport header " whose, "sum(payload_length)"),       \
        COLUMN(cells.header_bytes, U, way "header_bytes", "bytes",                                 \
               "Bytes of IP and transport headers, including options, " whose,                     \
               "sum(ip_header_length + transport_header_length)"),                                 \
        COLUMN(cells.fragments, U, way "fragments", "packets", "IP fragments " whose,              \
               "count(ip.flags.mf == 1 or ip.frag_offset > 0 or ipv6.fraghdr.more == 1 or "        \
               "ipv6.fraghdr.offset > 0)")

#define RATES(way, cells, whose)                                                                   \
    COLUMN(cells.packets_per_second, R, way "packets_per_second", "packets/s",                     \
           "Packets per second " whose, way "packets / duration; empty if the duration is 0"),     \
        COLUMN(cells.bytes_per_second, R, way "bytes_per_second", "bytes/s",                       \
               "Bytes on the wire per second " whose,                                              \
               way "bytes / duration; empty if the duration is 0"),                                \
        COLUMN(cells.payload_bytes_per_second, R, way "payload_bytes_per_second", "bytes/s",       \
               "Bytes of payload per second " whose,                                               \
               way "payload_bytes / duration; empty if the duration is 0")

/* `x` is the name of the values in the formulas. */
#define STATISTICS(cells, kind, name, unit, square, what, x, limits)                               \
    COLUMN(cells.min, kind, name "_min", unit, "Minimum " what, "min(" x ")"),                     \
        COLUMN(cells.max, kind, name "_max", unit, "Maximum " what, "max(" x ")"),                 \
        COLUMN(cells.mean, R, name "_mean", unit, "Mean " what, FORMULA_MEAN(x)),                  \
        COLUMN(cells.std, R, name "_std", unit, "Standard deviation of the " what,                 \
               FORMULA_STD(x)),                                                                    \
        COLUMN(cells.variance, R, name "_variance", square, "Variance of the " what,               \
               FORMULA_VARIANCE(x)),                                                               \
        COLUMN(cells.skewness, R, name "_skewness", "", "Skewness of the " what,                   \
               "m3 / m2^(3/2) with mk = sum((" x                                                   \
               " - mean)^k) / n; not corrected for bias; empty if all values are equal"),          \
        COLUMN(cells.q1, R, name "_q1", unit, "First quartile of the " what,                       \
               "sorted(" x ")[(n - 1) / 4]; " limits),                                             \
        COLUMN(cells.median, R, name "_median", unit, "Median of the " what,                       \
               "sorted(" x ")[(n - 1) / 2]; " limits),                                             \
        COLUMN(cells.q3, R, name "_q3", unit, "Third quartile of the " what,                       \
               "sorted(" x ")[3 (n - 1) / 4]; " limits)

#define EXACT_QUARTILES                                                                            \
    "exact, except that lengths of 131,071 or more count as the shortest of them"
#define SKETCHED_QUARTILES                                                                         \
    "exact up to 4,096 values, beyond that from a sketch with an error of at most 1/256 of the "   \
    "value"

#define PACKET_LENGTHS(way, cells, whose)                                                          \
    STATISTICS(cells.packet_length, U, way "packet_length", "bytes", "bytes^2",                    \
               "length of frames on the wire " whose, "frame.len", EXACT_QUARTILES)

#define PAYLOAD_LENGTHS(way, cells, whose)                                                         \
    STATISTICS(cells.payload_length, U, way "payload_length", "bytes", "bytes^2",                  \
               "payload length of packets " whose ", including those without payload",             \
               "payload_length", EXACT_QUARTILES)

#define INTER_ARRIVALS(way, cells, whose)                                                          \
    STATISTICS(cells.gap, S, way "inter_arrival_time", "s", "s^2",                                 \
               "time between consecutive packets " whose, "gap", SKETCHED_QUARTILES)

#define HEADER_LENGTHS(way, cells, whose)                                                          \
    STATISTICS(cells.header_length, U, way "header_length", "bytes", "bytes^2",                    \
               "length of IP and transport headers of packets " whose,                             \
               "(ip_header_length + transport_header_length)", EXACT_QUARTILES)

#define FLAG(way, cells, flag, FLAG_NAME, field, whose)                                            \
    COLUMN(cells.flags.flag, U, way #flag "_count", "packets",                                     \
           "TCP packets with the " FLAG_NAME " flag " whose, FORMULA_FLAG(field))

#define FLAGS(way, cells, whose)                                                                   \
    FLAG(way, cells, fin, "FIN", "fin", whose), FLAG(way, cells, syn, "SYN", "syn", whose),        \
        FLAG(way, cells, rst, "RST", "reset", whose), FLAG(way, cells, psh, "PSH", "push", whose), \
        FLAG(way, cells, ack, "ACK", "ack", whose), FLAG(way, cells, urg, "URG", "urg", whose),    \
        FLAG(way, cells, ece, "ECE", "ece", whose), FLAG(way, cells, cwr, "CWR", "cwr", whose),    \
        FLAG(way, cells, ns, "NS", "ae", whose)

#define SEQUENCE_RULE                                                                              \
    "segment: a TCP packet with payload, SYN or FIN, and without RST; keep-alives and "            \
    "zero-window "                                                                                 \
    "probes are left out; numbers wrap around at 2^32"

#define TCP_EVENTS(way, cells, whose)                                                              \
    COLUMN(cells.retransmissions, U, way "retransmissions", "packets",                             \
           "TCP segments " whose " with a first sequence number that was seen before",             \
           SEQUENCE_RULE),                                                                         \
        COLUMN(cells.out_of_order, U, way "out_of_order", "packets",                               \
               "TCP segments " whose                                                               \
               " that begin below the highest sequence number seen, with a number "                \
               "not seen before",                                                                  \
               SEQUENCE_RULE "; the 32 highest holes per direction are remembered"),               \
        COLUMN(cells.keep_alives, U, way "keep_alives", "packets", "TCP keep-alives " whose,       \
               "at most one byte, no SYN, FIN or RST, sequence number one below the next "         \
               "expected one"),                                                                    \
        COLUMN(cells.zero_windows, U, way "zero_windows", "packets",                               \
               "TCP packets that announce a window of 0 " whose,                                   \
               "count(tcp.window_size_value == 0 and tcp.flags.syn == 0 and tcp.flags.fin == 0 "   \
               "and tcp.flags.reset == 0)")

#define SUBFLOWS(way, cells, whose)                                                                \
    COLUMN(cells.subflow_packets, R, way "subflow_packets", "packets",                             \
           "Mean number of packets per subflow " whose, way "packets / subflows"),                 \
        COLUMN(cells.subflow_payload_bytes, R, way "subflow_payload_bytes", "bytes",               \
               "Mean bytes of payload per subflow " whose, way "payload_bytes / subflows")

#define IP_FIELDS(way, cells, whose)                                                               \
    COLUMN(cells.ttl_min, U, way "ttl_min", "", "Minimum time to live or hop limit " whose,        \
           "min(ip.ttl or ipv6.hlim)"),                                                            \
        COLUMN(cells.ttl_max, U, way "ttl_max", "", "Maximum time to live or hop limit " whose,    \
               "max(ip.ttl or ipv6.hlim)"),                                                        \
        COLUMN(cells.tos, U, way "tos", "",                                                        \
               "Type of service octet or traffic class of the first packet " whose,                \
               "first(ip.dsfield or ipv6.tclass)"),                                                \
        COLUMN(cells.dscp, U, way "dscp", "",                                                      \
               "Differentiated services code point of the first packet " whose,                    \
               "first(ip.dsfield.dscp or ipv6.tclass.dscp)")

#define WINDOWS(way, cells, whose)                                                                 \
    COLUMN(cells.window_first, U, way "window_first", "bytes",                                     \
           "Unscaled TCP window of the first packet " whose, FORMULA_FIRST_WINDOW),                \
        COLUMN(cells.window_min, U, way "window_min", "bytes",                                     \
               "Minimum unscaled TCP window of packets without RST " whose,                        \
               "min(tcp.window_size_value) where tcp.flags.reset == 0"),                           \
        COLUMN(cells.window_max, U, way "window_max", "bytes",                                     \
               "Maximum unscaled TCP window of packets without RST " whose,                        \
               "max(tcp.window_size_value) where tcp.flags.reset == 0"),                           \
        COLUMN(cells.window_scale, U, way "window_scale", "",                                      \
               "Window scale option of the first SYN " whose,                                      \
               "first(tcp.options.wscale.shift) where tcp.flags.syn == 1; the unit of "            \
               "windows is 2^window_scale bytes"),                                                 \
        COLUMN(cells.segment_size, U, way "maximum_segment_size", "bytes",                         \
               "Maximum segment size option of the first SYN " whose,                              \
               "first(tcp.options.mss_val) where tcp.flags.syn == 1")

#define BULKS(way, cells, whose)                                                                   \
    COLUMN(cells.bulks, U, way "bulks", "bulks", "Bulks " whose, FORMULA_BULKS),                   \
        COLUMN(cells.bulk_packets, U, way "bulk_packets", "packets", "Packets in bulks " whose,    \
               FORMULA_BULK_PACKETS),                                                              \
        COLUMN(cells.bulk_bytes, U, way "bulk_bytes", "bytes", "Bytes of payload in bulks " whose, \
               FORMULA_BULK_BYTES),                                                                \
        COLUMN(cells.bulk_duration, S, way "bulk_duration", "s", "Total duration of bulks " whose, \
               FORMULA_BULK_DURATION),                                                             \
        COLUMN(cells.bulk_packets_mean, R, way "bulk_packets_mean", "packets",                     \
               "Mean number of packets per bulk " whose, way "bulk_packets / " way "bulks"),       \
        COLUMN(cells.bulk_bytes_mean, R, way "bulk_bytes_mean", "bytes",                           \
               "Mean bytes of payload per bulk " whose, way "bulk_bytes / " way "bulks"),          \
        COLUMN(cells.bulk_rate, R, way "bulk_rate", "bytes/s",                                     \
               "Bytes of payload per second in bulks " whose,                                      \
               way "bulk_bytes / " way "bulk_duration")

#define ACTIVE_RULE                                                                                \
    "active: from the beginning or the end of a gap of more than 5 s to the next such gap or "     \
    "the end of the flow"
#define IDLE_RULE "idle: a gap of more than 5 s between two packets in any direction"

#define PERIODS(name, cells, what, rule)                                                           \
    COLUMN(cells.count, U, name "_periods", "periods", "Number of " what " periods", rule),        \
        COLUMN(cells.total, S, name "_total", "s", "Total duration of " what " periods",           \
               "sum(" what " period)"),                                                            \
        COLUMN(cells.min, S, name "_min", "s", "Duration of the shortest " what " period",         \
               "min(" what " period)"),                                                            \
        COLUMN(cells.max, S, name "_max", "s", "Duration of the longest " what " period",          \
               "max(" what " period)"),                                                            \
        COLUMN(cells.mean, R, name "_mean", "s", "Mean duration of " what " periods",              \
               FORMULA_MEAN(what " period")),                                                      \
        COLUMN(cells.std, R, name "_std", "s",                                                     \
               "Standard deviation of the duration of " what " periods",                           \
               FORMULA_STD(what " period"))

/* NOLINTEND(bugprone-macro-parentheses) */

const struct profile_column labelcap_columns[] = {
    COLUMN(sample_id, U, "sample_id", "", "The sampleID in the label of the packets",
           FORMULA_SAMPLE_ID),
    COLUMN(metadata, T, "metadata", "", "The metadata in the label of the packets",
           FORMULA_METADATA FORMULA_OTHER_LABEL),
    COLUMN(community_id, T, "community_id", "", "Community ID version 1 with seed 0",
           "\"1:\" and base64(SHA-1(seed, lower address, higher address, protocol_number, 0, port, "
           "port)), without ports if there are none; for ICMP, the ports are its type and the type "
           "of its reply, or else its code; empty for ARP, and if the ports are unknown"),
    COLUMN(
        source_address, T, "source_address", "",
        "Address of the initiator: the sender of the SYN, else the sender of the first packet, or "
        "its receiver if it is a SYN/ACK",
        FORMULA_SOURCE),
    COLUMN(source_port, U, "source_port", "",
           "Port of the initiator; 0 without ports; " UNKNOWN_PORTS, FORMULA_SOURCE_PORT),
    COLUMN(destination_address, T, "destination_address", "", "Address of the responder",
           FORMULA_DESTINATION),
    COLUMN(destination_port, U, "destination_port", "",
           "Port of the responder; 0 without ports; " UNKNOWN_PORTS, FORMULA_DESTINATION_PORT),
    COLUMN(protocol, T, "protocol", "", "Name of the protocol above IP, or ARP", FORMULA_PROTOCOL),
    COLUMN(
        protocol_number, U, "protocol_number", "",
        "Number of the protocol above IP, after all IPv6 extension headers; 0 for ARP",
        "ip.proto or ipv6.nxt, or the next header of the last extension or authentication header"),
    COLUMN(ip_version, U, "ip_version", "", "IP version: 4 or 6; 0 for ARP",
           "ip.version or ipv6.version"),
    COLUMN(vlan_id, U, "vlan_id", "", "VLAN ID in the outermost tag of the first packet",
           "first(vlan.id)"),
    COLUMN(start_ns, I, "start_ns", "ns", "Time of the earliest packet, since 1970-01-01 UTC",
           "min(frame.time_epoch)"),
    COLUMN(end_ns, I, "end_ns", "ns", "Time of the latest packet, since 1970-01-01 UTC",
           "max(frame.time_epoch)"),
    COLUMN(both.duration, S, "duration", "s", "Duration of the flow", "end_ns - start_ns"),
    COLUMN(forward.duration, S, "forward_duration", "s",
           "Time from the first to the last packet from source to destination",
           "last(time) - first(time)"),
    COLUMN(backward.duration, S, "backward_duration", "s",
           "Time from the first to the last packet from destination to source",
           "last(time) - first(time)"),
    COLUMN(end_reason, T, "end_reason", "", "Why the flow ended",
           "flowEndReason of IPFIX: idle timeout, active timeout, end of flow detected (a TCP "
           "connection closed, or the next one began), forced end (the capture ended), lack of "
           "resources. In labelled captures, no more packets replaces forced end, and idle timeout "
           "unless a later packet of the same sample, addresses and ports began another flow, so "
           "that the order of the samples has no influence"),
    COLUMN(connection_state, T, "connection_state", "", "State of the connection",
           "S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH, as in Zeek's "
           "conn_state; empty for TCP if no flags were captured"),
    COLUMN(time_backwards, U, "time_backwards", "packets",
           "Packets that are earlier than a previous packet of the flow",
           "count(frame.time_epoch < time)"),
    COLUMN(dns, B, "dns", "", "Whether a valid DNS header was seen on port 53",
           "a payload begins with a DNS header (in TCP after the length) that has a known opcode "
           "and no more records than fit"),
    COLUMN(icmp_type, U, "icmp_type", "",
           "ICMP or ICMPv6 type of the first packet; the others have it too, or that of its reply",
           "first(icmp.type or icmpv6.type)"),
    COLUMN(icmp_code, U, "icmp_code", "",
           "ICMP or ICMPv6 code of the first packet; of a type without a reply all have it",
           "first(icmp.code or icmpv6.code)"),
    EACH_WAY(VOLUMES),
    COLUMN(down_up_packets, R, "down_up_packets", "", "Backward packets per forward packet",
           "backward_packets / forward_packets; empty without forward packets"),
    COLUMN(down_up_bytes, R, "down_up_bytes", "", "Backward bytes per forward byte",
           "backward_bytes / forward_bytes; empty without forward bytes"),
    EACH_WAY(RATES),
    EACH_WAY(PACKET_LENGTHS),
    EACH_WAY(PAYLOAD_LENGTHS),
    EACH_WAY(HEADER_LENGTHS),
    EACH_WAY(INTER_ARRIVALS),
    EACH_WAY(FLAGS),
    EACH_WAY(TCP_EVENTS),
    EACH_SIDE(WINDOWS),
    COLUMN(syn_to_syn_ack, S, "syn_to_syn_ack", "s", "Time from the first SYN to the SYN/ACK",
           "time of the first SYN/ACK after it - time of the first SYN; empty if they were not "
           "seen in this order"),
    COLUMN(syn_ack_to_ack, S, "syn_ack_to_ack", "s", "Time from the SYN/ACK to its first ACK",
           "time of the initiator's first ACK with tcp.ack_raw above the SYN/ACK's tcp.seq_raw - "
           "time of the SYN/ACK; empty if they were not seen in this order"),
    COLUMN(handshake, S, "handshake_duration", "s",
           "Time from the first SYN to the first ACK of the SYN/ACK",
           "syn_to_syn_ack + syn_ack_to_ack"),
    EACH_SIDE(IP_FIELDS),
    COLUMN(subflows, U, "subflows", "subflows", "Number of subflows", "1 + count(gap > 1 s)"),
    EACH_WAY(SUBFLOWS),
    EACH_SIDE(BULKS),
    PERIODS("active", active, "active", ACTIVE_RULE),
    PERIODS("idle", idle, "idle", IDLE_RULE),
    COLUMN(first_packets.lengths, L, "packet_lengths", "bytes",
           "Frame lengths on the wire of the first packets",
           "frame.len of each of the first --packets packets"),
    COLUMN(
        first_packets.directions, L, "packet_directions", "", "Directions of the first packets",
        "1 from source to destination, -1 in the other direction, for each of the first --packets "
        "packets"),
    COLUMN(first_packets.gaps, L, "packet_inter_arrival_times_ns", "ns",
           "Inter-arrival times of the first packets",
           "gap of each of the first --packets packets; 0 for the first one"),
    COLUMN(
        first_packets.payload, T, "payload", "",
        "First payload bytes of the flow in hexadecimal, of both directions in order of arrival",
        "tcp.payload, udp.payload or other payload of each packet, concatenated, up to --payload "
        "bytes in all"),
    {{0}, 0},
};
