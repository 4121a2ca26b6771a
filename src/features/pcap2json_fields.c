/* The members of both shapes, in their order. */
#include "features/pcap2json_fields.h"

#define WHOLE(name_, unit_, ...)                                                                   \
    {                                                                                              \
        .name = name_, .kind = LCAP_CELL_SIGNED, .unit = unit_, __VA_ARGS__                        \
    }
#define TEXT(name_, ...)                                                                           \
    {                                                                                              \
        .name = name_, .kind = LCAP_CELL_TEXT, .unit = "", __VA_ARGS__                             \
    }

#define FLAG(name_, what)                                                                          \
    WHOLE("[n]." name_, "", .description = what ", 0 or 1; 0 without a TCP header")

#define NO_LABELS       "has none"
#define PROTOCOLS       "TCP, UDP or Others, by the flow's first packet: its key has no protocol"
#define PORTS_OF_OTHERS "has the IP protocol number there for other protocols than TCP and UDP"

const struct lcap_column pcap2json_fields[] = {
    TEXT("sample_id", .description = "SampleID in decimal; only in labelled captures",
         .original = NO_LABELS),
    TEXT("metadata",
         .description = "Metadata of the sample, or the label that was given; only "
                        "where there is one",
         .original = NO_LABELS),
    WHOLE("pkt_num", "packets",
          .description = "Elements of pkt_info: data packets without "
                         "retransmissions",
          .original = "stops at 10,000"),
    TEXT("pkt_info[].direction",
         .description = "`>` from the flow's initiator, `<` to it; only with --bidirectional",
         .original = "`>` is the direction of the flow's first packet"),
    WHOLE("pkt_info[].time_stamp.seconds", "s",
          .description = "Whole seconds since the flow's earliest packet, whether with data or not",
          .formula = "floor((packet time - start_time_stamp) / 1 s)",
          .original = "has the absolute time, shifted by the local time zone; documents the "
                      "difference"),
    WHOLE("pkt_info[].time_stamp.microseconds", "us",
          .description = "What the seconds leave over, rounded down",
          .original = "has that of the absolute time"),
    WHOLE("pkt_info[].time_stamp.nanoseconds", "ns",
          .description = "What the microseconds leave over, 0 to 999; only in flows of interfaces "
                         "whose times are finer than microseconds",
          .original = "dies on pcap files with nanoseconds, and rounds those of pcapng"),
    WHOLE("pkt_info[].data_len", "bytes",
          .description = "Payload behind the transport header, by the length fields; captured or "
                         "not. ICMP's header is 8 bytes; protocols without ports have none",
          .original = "counts captured bytes, of other protocols than TCP and UDP with their "
                      "header, and UDP's beyond its own length"),
    TEXT("pkt_info[].ip_content",
         .description = "The captured IP packet in hex, without padding of the link layer, "
                        "unchanged; in tunnels the packet whose flow it is",
         .original = "writes what dpkt makes of it: checksums that are 0 are filled in"),
    WHOLE("start_time_stamp.seconds", "s",
          .description = "Time of the flow's earliest packet since 1970-01-01 UTC, whole seconds",
          .original = "has the time of the first packet in the file, shifted by the local time "
                      "zone"),
    WHOLE("start_time_stamp.microseconds", "us", .description = "What the seconds leave over"),
    WHOLE("start_time_stamp.nanoseconds", "ns",
          .description = "What the microseconds leave over; as in pkt_info",
          .original = "has none"),
    WHOLE("init_seq_backward", "",
          .description = "Sequence number of the first packet to the initiator with a TCP header; "
                         "0 without one, and without --bidirectional",
          .original = "takes the next one where the first is 0"),
    TEXT("flow_key.source_addr", .description = "Address of the initiator",
         .original = "has the source of the flow's first packet"),
    TEXT("flow_key.dest_addr", .description = "Address of the other side"),
    WHOLE("flow_key.source_port", "",
          .description = "Port of the initiator; 0 in protocols without ports",
          .original = PORTS_OF_OTHERS),
    WHOLE("flow_key.dest_port", "", .description = "Port of the other side; 0 likewise",
          .original = PORTS_OF_OTHERS),
    TEXT("flow_key.protocol",
         .description = "TCP, UDP, ICMP, ICMPv6, SCTP, ARP, ... of every packet in the flow",
         .original = PROTOCOLS),
    WHOLE("init_seq", "",
          .description = "Sequence number of the initiator's first packet with a "
                         "TCP header; 0 without one",
          .original = "has that of the flow's first packet"),
    WHOLE("retransmissions", "packets",
          .description = "Data packets left out because all their bytes had been seen before",
          .formula = "per direction, on sequence numbers unwrapped to 64 bits: the packet's range "
                     "lies within the ranges of earlier packets together; of more than 256 gaps "
                     "between those the lowest count as seen",
          .original = "has no such member, but tcp_retrans_flag and tcp_retrans_tail (and twin_), "
                      "which tell where its list of ten packets stands; a packet is left out if "
                      "the first of them with its sequence number has its length"),

    TEXT("[0].sample_id",
         .description = "With --detail a flow is an array: its key, then its data "
                        "packets. As sample_id",
         .original = NO_LABELS),
    TEXT("[0].metadata", .description = "As metadata", .original = NO_LABELS),
    TEXT("[0].source_addr",
         .description = "As in flow_key; flows without data packets are left "
                        "out",
         .original = "leaves out flows of fewer than 10 data packets"),
    TEXT("[0].dest_addr", .description = "As in flow_key"),
    WHOLE("[0].source_port", "", .description = "As in flow_key", .original = PORTS_OF_OTHERS),
    WHOLE("[0].dest_port", "", .description = "As in flow_key", .original = PORTS_OF_OTHERS),
    TEXT("[0].protocol", .description = "As in flow_key", .original = PROTOCOLS),
    WHOLE("[0].retransmissions", "packets", .description = "As retransmissions",
          .original = "has none"),
    WHOLE("[n].direction_forward", "",
          .description = "1 from the flow's initiator, else 0; only with --bidirectional"),
    WHOLE("[n].direction_backward", "",
          .description = "1 to the flow's initiator, else 0; only with --bidirectional"),
    WHOLE("[n].time.sec_delta", "s",
          .description = "Whole seconds since the flow's earliest packet",
          .original = "counts from the first packet in the file"),
    WHOLE("[n].time.microsec_delta", "us",
          .description = "What the seconds leave over, rounded down"),
    WHOLE("[n].time.nanosec_delta", "ns",
          .description = "What the microseconds leave over; as in pkt_info",
          .original = "has none"),
    WHOLE("[n].data_len", "bytes", .description = "As in pkt_info"),
    WHOLE("[n].ip_len", "bytes",
          .description = "Length of the IP packet with its header, but not more than the frame on "
                         "the wire leaves",
          .original = "IPv4: the length field; IPv6: captured bytes"),
    WHOLE("[n].ip_hlen", "bytes",
          .description = "Length of the IP header with options, extension headers and "
                         "authentication headers",
          .original = "ip_len less captured bytes behind the header, IPv6: less the payload length "
                      "field"),
    WHOLE("[n].ip_tos", "", .description = "Type of service octet, or traffic class"),
    WHOLE("[n].ip_ttl", "", .description = "Time to live, or hop limit"),
    WHOLE("[n].th_seq", "",
          .description = "Sequence number since the first one of its direction; goes on past 2^32; "
                         "0 without a TCP header",
          .formula = "unwrapped sequence number - init_seq (or init_seq_backward)",
          .original = "subtracts without unwrapping"),
    WHOLE("[n].4layer_hdr_len", "bytes",
          .description = "Length of the transport header; ICMP 8; 0 where there is none",
          .original = "0 for other protocols than TCP and UDP"),
    FLAG("URG", "Urgent pointer is valid"),
    FLAG("PSH", "Push"),
    FLAG("RST", "Reset"),
    FLAG("FIN", "No more data"),
    FLAG("ACK", "Acknowledgment number is valid"),
    FLAG("SYN", "Synchronize sequence numbers"),
    FLAG("ECE", "ECN echo"),
    FLAG("CWR", "Congestion window reduced"),
    WHOLE("[n].th_win", "", .description = "Window as it stands in the header; 0 without one"),
    WHOLE("[n].th_urp", "", .description = "Urgent pointer; 0 without a TCP header"),
    TEXT("[n].data",
         .description = "The captured payload in hex, null where none of it was captured",
         .original = "has a fixed English sentence for other protocols than TCP and UDP"),
    {.name = NULL},
};
