/* The members of both layouts, in order. */
#include "features/pcap2json/pcap2json_fields.h"

#include "features/measure/formulas.h"

#define WHOLE(name_, unit_, ...)                                                                   \
    {                                                                                              \
        .name = name_, .kind = LCAP_CELL_SIGNED, .unit = unit_, __VA_ARGS__                        \
    }
#define TEXT(name_, ...)                                                                           \
    {                                                                                              \
        .name = name_, .kind = LCAP_CELL_TEXT, .unit = "", __VA_ARGS__                             \
    }

#define FLAG(name_, what, field)                                                                   \
    WHOLE("[n]." name_, "", .description = what ": 0 or 1; 0 without a TCP header",                \
          .formula = "tcp.flags." field)

#define SINCE_START           "(frame.time_epoch - start_time_stamp)"
#define START                 "min(frame.time_epoch)"
#define SECONDS_OF(time)      "floor(" time " / 1 s)"
#define MICROSECONDS_OF(time) "floor(" time " / 1 us) mod 10^6"
#define NANOSECONDS_OF(time)  "floor(" time " / 1 ns) mod 1000"
#define ALL_SEEN                                                                                   \
    "per direction, with sequence numbers unwrapped to 64 bits: the range of the packet lies "     \
    "within the combined ranges of earlier packets; if these leave more than 256 gaps, the "       \
    "lowest gaps count as seen"

#define NO_LABELS       "has none"
#define PROTOCOLS       "TCP, UDP or Others, by the first packet of the flow: its key has no protocol"
#define PORTS_OF_OTHERS "has the IP protocol number for protocols other than TCP and UDP"

const struct lcap_column pcap2json_fields[] = {
    TEXT("sample_id", .description = "The sampleID in decimal; only in labelled captures",
         .formula = FORMULA_SAMPLE_ID, .original = NO_LABELS),
    TEXT("metadata",
         .description = "Metadata of the sample, or the label given; only if there is one",
         .formula = FORMULA_METADATA FORMULA_OTHER_LABEL, .original = NO_LABELS),
    WHOLE("pkt_num", "packets",
          .description = "Number of elements of pkt_info: data packets without retransmissions",
          .formula = "count(payload_length > 0) - retransmissions", .original = "stops at 10,000"),
    TEXT("pkt_info[].direction",
         .description = "Direction of the packet; only with --bidirectional",
         .formula = "`>` from the initiator, `<` to it",
         .original = "`>` is the direction of the first packet of the flow"),
    WHOLE("pkt_info[].time_stamp.seconds", "s",
          .description =
              "Whole seconds since the earliest packet of the flow, with or without data",
          .formula = SECONDS_OF(SINCE_START),
          .original = "has the absolute time, shifted by the local time zone; its documentation "
                      "promises the difference"),
    WHOLE("pkt_info[].time_stamp.microseconds", "us",
          .description = "Remaining microseconds, rounded down",
          .formula = MICROSECONDS_OF(SINCE_START), .original = "has those of the absolute time"),
    WHOLE("pkt_info[].time_stamp.nanoseconds", "ns",
          .description = "Remaining nanoseconds, 0 to 999; only in flows of interfaces with times "
                         "finer than microseconds",
          .formula = NANOSECONDS_OF(SINCE_START),
          .original =
              "crashes on pcap files with nanoseconds, and rounds the nanoseconds of pcapng"),
    WHOLE("pkt_info[].data_len", "bytes",
          .description = "Payload after the transport header, captured or not; null if too little "
                         "of the header was captured to know its end",
          .formula = "payload_length",
          .original = "counts captured bytes, for protocols other than TCP and UDP including their "
                      "header, and for UDP beyond its length field"),
    TEXT("pkt_info[].ip_content",
         .description = "The captured IP packet in hexadecimal, unchanged, without link-layer "
                        "padding; in tunnels, the packet that defines the flow",
         .formula = "ip_length bytes from the IP header on, or as many of these as were captured",
         .original = "writes what dpkt makes of it: fills in checksums that are 0"),
    WHOLE("start_time_stamp.seconds", "s",
          .description =
              "Time of the earliest packet of the flow since 1970-01-01 UTC, in whole seconds",
          .formula = SECONDS_OF(START),
          .original = "has the time of the first packet in the file, shifted by the local time "
                      "zone"),
    WHOLE("start_time_stamp.microseconds", "us", .description = "Remaining microseconds",
          .formula = MICROSECONDS_OF(START)),
    WHOLE("start_time_stamp.nanoseconds", "ns",
          .description = "Remaining nanoseconds; as in pkt_info", .formula = NANOSECONDS_OF(START),
          .original = "has none"),
    WHOLE("init_seq_backward", "",
          .description = "Sequence number of the first packet to the initiator that has a TCP "
                         "header; 0 without one, and without --bidirectional; null if it was not "
                         "captured",
          .formula = "first(tcp.seq_raw)", .original = "takes the next one if the first is 0"),
    TEXT("flow_key.source_addr", .description = "Address of the initiator",
         .formula = FORMULA_SOURCE, .original = "has the source of the first packet of the flow"),
    TEXT("flow_key.dest_addr", .description = "Address of the responder",
         .formula = FORMULA_DESTINATION),
    WHOLE("flow_key.source_port", "",
          .description = "Port of the initiator; 0 without ports; null if only later fragments of "
                         "the flow are known",
          .formula = FORMULA_SOURCE_PORT, .original = PORTS_OF_OTHERS),
    WHOLE("flow_key.dest_port", "",
          .description = "Port of the responder; 0 or null as source_port",
          .formula = FORMULA_DESTINATION_PORT, .original = PORTS_OF_OTHERS),
    TEXT("flow_key.protocol",
         .description =
             "Protocol of all packets in the flow, such as TCP, UDP, ICMP, ICMPv6, SCTP or ARP",
         .formula = FORMULA_PROTOCOL, .original = PROTOCOLS),
    WHOLE("init_seq", "",
          .description = "Sequence number of the first packet from the initiator that has a TCP "
                         "header; 0 without one; null if it was not captured",
          .formula = "first(tcp.seq_raw)", .original = "has that of the first packet of the flow"),
    WHOLE("retransmissions", "packets",
          .description = "Data packets left out because all their bytes were seen before",
          .formula = ALL_SEEN,
          .original = "has tcp_retrans_flag and tcp_retrans_tail (and twin_) instead, the "
                      "positions in its list of ten packets; leaves out a packet if the first one "
                      "in that list with the same sequence number has the same length"),

    TEXT("[0].sample_id",
         .description =
             "As sample_id. With --detail, a flow is an array: its key, then its data packets",
         .formula = FORMULA_SAMPLE_ID, .original = NO_LABELS),
    TEXT("[0].metadata", .description = "As metadata",
         .formula = FORMULA_METADATA FORMULA_OTHER_LABEL, .original = NO_LABELS),
    TEXT("[0].source_addr",
         .description = "As in flow_key; flows without data packets are left out",
         .formula = FORMULA_SOURCE, .original = "leaves out flows with fewer than 10 data packets"),
    TEXT("[0].dest_addr", .description = "As in flow_key", .formula = FORMULA_DESTINATION),
    WHOLE("[0].source_port", "", .description = "As in flow_key", .formula = FORMULA_SOURCE_PORT,
          .original = PORTS_OF_OTHERS),
    WHOLE("[0].dest_port", "", .description = "As in flow_key", .formula = FORMULA_DESTINATION_PORT,
          .original = PORTS_OF_OTHERS),
    TEXT("[0].protocol", .description = "As in flow_key", .formula = FORMULA_PROTOCOL,
         .original = PROTOCOLS),
    WHOLE("[0].retransmissions", "packets", .description = "As retransmissions",
          .formula = ALL_SEEN, .original = "has none"),
    WHOLE("[n].direction_forward", "",
          .description = "Whether the packet goes forward; only with --bidirectional",
          .formula = "1 from the initiator, otherwise 0"),
    WHOLE("[n].direction_backward", "",
          .description = "Whether the packet goes backward; only with --bidirectional",
          .formula = "1 - direction_forward"),
    WHOLE("[n].time.sec_delta", "s",
          .description = "Whole seconds since the earliest packet of the flow",
          .formula = SECONDS_OF(SINCE_START),
          .original = "counts from the first packet in the file"),
    WHOLE("[n].time.microsec_delta", "us", .description = "Remaining microseconds, rounded down",
          .formula = MICROSECONDS_OF(SINCE_START)),
    WHOLE("[n].time.nanosec_delta", "ns", .description = "Remaining nanoseconds; as in pkt_info",
          .formula = NANOSECONDS_OF(SINCE_START), .original = "has none"),
    WHOLE("[n].data_len", "bytes",
          .description =
              "As in pkt_info; it and all members of the transport header below are null "
              "where that part of the header was not captured",
          .formula = "payload_length"),
    WHOLE("[n].ip_len", "bytes",
          .description =
              "Length of the IP packet including its header, limited by the frame on the wire",
          .formula = "ip_length", .original = "IPv4: the length field; IPv6: captured bytes"),
    WHOLE("[n].ip_hlen", "bytes",
          .description = "Length of the IP header, including options, extension headers and "
                         "authentication headers",
          .formula = "ip_header_length",
          .original = "ip_len minus the captured bytes after the header; IPv6: minus the payload "
                      "length field"),
    WHOLE("[n].ip_tos", "", .description = "Type of service octet, or traffic class",
          .formula = "ip.dsfield or ipv6.tclass"),
    WHOLE("[n].ip_ttl", "", .description = "Time to live, or hop limit",
          .formula = "ip.ttl or ipv6.hlim"),
    WHOLE("[n].th_seq", "",
          .description = "Sequence number relative to the first one of its direction; continues "
                         "past 2^32; 0 without a TCP header",
          .formula = "tcp.seq_raw, unwrapped, - init_seq (or init_seq_backward)",
          .original = "subtracts without unwrapping"),
    WHOLE("[n].4layer_hdr_len", "bytes",
          .description = "Length of the transport header; 0 without one",
          .formula = "transport_header_length",
          .original = "0 for protocols other than TCP and UDP"),
    FLAG("URG", "Urgent pointer is valid", "urg"),
    FLAG("PSH", "Push", "push"),
    FLAG("RST", "Reset", "reset"),
    FLAG("FIN", "No more data", "fin"),
    FLAG("ACK", "Acknowledgment number is valid", "ack"),
    FLAG("SYN", "Synchronize sequence numbers", "syn"),
    FLAG("ECE", "ECN echo", "ece"),
    FLAG("CWR", "Congestion window reduced", "cwr"),
    WHOLE("[n].th_win", "bytes", .description = "Unscaled TCP window; 0 without a TCP header",
          .formula = "tcp.window_size_value"),
    WHOLE("[n].th_urp", "bytes", .description = "Urgent pointer; 0 without a TCP header",
          .formula = "tcp.urgent_pointer"),
    TEXT("[n].data",
         .description = "The captured payload in hexadecimal; null if none of it was captured",
         .formula = "tcp.payload, udp.payload or other payload",
         .original = "has a fixed English sentence for protocols other than TCP and UDP"),
    {.name = NULL},
};
