/* Formulas and terms that several profiles share. features/profile_page.c explains the terms of
 * formulas. */
#ifndef FEATURES_MEASURE_FORMULAS_H
#define FEATURES_MEASURE_FORMULAS_H

#define FORMULA_SAMPLE_ID                                                                          \
    "the number before the first comma of frame.comment (in the keyed form, after s=)"
#define FORMULA_METADATA    "frame.comment after its first comma"
/* For columns that show the label given for packets without one. */
#define FORMULA_OTHER_LABEL ", or else --label or the class given by the directory"

#define FORMULA_SOURCE      "ip.src, ipv6.src or arp.src.proto_ipv4 of packets from the initiator"
#define FORMULA_DESTINATION "ip.dst, ipv6.dst or arp.dst.proto_ipv4 of packets from the initiator"
#define FORMULA_SOURCE_PORT                                                                        \
    "tcp.srcport, udp.srcport, sctp.srcport or dccp.srcport of packets from the initiator"
#define FORMULA_DESTINATION_PORT                                                                   \
    "tcp.dstport, udp.dstport, sctp.dstport or dccp.dstport of packets from the initiator"
#define FORMULA_PROTOCOL                                                                           \
    "IANA's name for ip.proto or for the last next header of IPv6, such as TCP, UDP, ICMP, "       \
    "ICMPv6; ARP; IP and the number if labelcap has no name for it"

/* For a series x, of one direction or both. */
#define FORMULA_MEAN(x)     "sum(" x ") / n"
#define FORMULA_VARIANCE(x) "sum((" x " - mean)^2) / n"
#define FORMULA_STD(x)      "sqrt(" FORMULA_VARIANCE(x) ")"

#define FORMULA_FLAG(field)  "count(tcp.flags." field " == 1)"
#define FORMULA_FIRST_WINDOW "first(tcp.window_size_value) where tcp"
#define FORMULA_BULKS                                                                              \
    "bulk: 4 or more packets with payload in one direction, with none of the other and no gap "    \
    "of more than 1 s between them"
#define FORMULA_BULK_PACKETS  "sum over the bulks of count(packets)"
#define FORMULA_BULK_BYTES    "sum over the bulks of sum(payload_length)"
#define FORMULA_BULK_DURATION "sum over the bulks of last(time) - first(time)"

/* Markdown, for the text about a profile. */
#define ABOUT_NOT_CAPTURED                                                                         \
    "**Headers that were not captured.** A snap length, or the end of a short first fragment,\n"   \
    "may cut a transport header after its ports. If it cuts all headers of a direction, what "     \
    "the\n"                                                                                        \
    "missing parts tell is empty: flags, windows, sequence numbers, and for TCP and DCCP also "    \
    "the\n"                                                                                        \
    "lengths of headers and payloads. If it cuts only some headers, the others count."

#endif
