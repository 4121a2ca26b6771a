/* The columns of the netflowmeter profile: the names are those of the original, including its
 * slips. */
#include "features/measure/formulas.h"
#include "features/netflowmeter/netflowmeter_row.h"

#define COLUMN(name_, kind_, unit_, member, description_, formula_, original_)                     \
    {                                                                                              \
        .column = {.name = (name_),                                                                \
                   .kind = LCAP_CELL_##kind_,                                                      \
                   .unit = (unit_),                                                                \
                   .description = (description_),                                                  \
                   .formula = (formula_),                                                          \
                   .original = (original_)},                                                       \
        .offset = offsetof(struct netflowmeter_row, member)                                        \
    }

#define OTHER_MEAN_NOTHING "0 without packets"
#define DOUBLES            "a difference of times as doubles, off by up to 0.24 us"
#define CAPTURED           "only what was captured"
#define UNKNOWN_PORTS      "empty if only later fragments of the flow are known"
#define BOTH_WAYS          "the value for both directions"

#define PAYLOAD(prefix, way, whose, original, original_variance)                                   \
    COLUMN(prefix "payload_bytes_max", UNSIGNED, "bytes", payload[way].max,                        \
           "Longest payload of a packet" whose, "max(payload_length)", original),                  \
        COLUMN(prefix "payload_bytes_min", UNSIGNED, "bytes", payload[way].min,                    \
               "Shortest payload of a packet" whose, "min(payload_length)", original),             \
        COLUMN(prefix "payload_bytes_mean", REAL, "bytes", payload[way].mean,                      \
               "Mean payload of a packet" whose, FORMULA_MEAN("payload_length"), original),        \
        COLUMN(prefix "payload_bytes_std", REAL, "bytes", payload[way].deviation,                  \
               "Standard deviation of the payloads of packets" whose,                              \
               FORMULA_STD("payload_length"), original),                                           \
        COLUMN(prefix "payload_bytes_variance", REAL, "bytes^2", payload[way].variance,            \
               "Variance of the payloads of packets" whose, FORMULA_VARIANCE("payload_length"),    \
               original_variance)

#define HEADERS(prefix, way, whose, original)                                                      \
    COLUMN(prefix "total_header_bytes", UNSIGNED, "bytes", headers[way].total,                     \
           "Transport headers of the packets" whose, "sum(transport_header_length)", NULL),        \
        COLUMN(prefix "max_header_bytes", UNSIGNED, "bytes", headers[way].max,                     \
               "Longest transport header of a packet" whose, "max(transport_header_length)",       \
               original),                                                                          \
        COLUMN(prefix "min_header_bytes", UNSIGNED, "bytes", headers[way].min,                     \
               "Shortest transport header of a packet" whose, "min(transport_header_length)",      \
               original),                                                                          \
        COLUMN(prefix "mean_header_bytes", REAL, "bytes", headers[way].mean,                       \
               "Mean transport header of a packet" whose, FORMULA_MEAN("transport_header_length"), \
               original),                                                                          \
        COLUMN(prefix "std_header_bytes", REAL, "bytes", headers[way].deviation,                   \
               "Standard deviation of the transport headers of packets" whose,                     \
               FORMULA_STD("transport_header_length"), original)

#define NEGATIVE_PERIODS                                                                           \
    "for each gap of more than 100 s, the period before it, negated, unless it is 0; the last "    \
    "period is left out; 0 without such periods"
#define LONG_GAPS "only gaps of more than 100 s; 0 without such gaps"

#define PERIODS(prefix, kind, what, original)                                                      \
    COLUMN(prefix "_min", REAL, "s", periods[kind].min, "Shortest " what,                          \
           "min(" prefix " period)", original),                                                    \
        COLUMN(prefix "_max", REAL, "s", periods[kind].max, "Longest " what,                       \
               "max(" prefix " period)", original),                                                \
        COLUMN(prefix "_mean", REAL, "s", periods[kind].mean, "Mean length of an " what,           \
               FORMULA_MEAN(prefix " period"), original),                                          \
        COLUMN(prefix "_std", REAL, "s", periods[kind].deviation,                                  \
               "Standard deviation of the length of an " what, FORMULA_STD(prefix " period"),      \
               original)

#define RATE(name, unit, member, what, formula)                                                    \
    COLUMN(name, REAL, unit, member, what " per second of the whole flow", formula,                \
           "divides by a difference of doubles; 0 if that is 0")

#define BULK_MEANS(bytes_name, packets_name, rate_name, prefix, way, whose)                        \
    COLUMN(bytes_name, REAL, "bytes", bulk[way].mean_bytes, "Mean payload per " whose " bulk",     \
           prefix "_bulk_total_size / " prefix "_bulk_state_count",                                \
           "its bulks differ; 0 without bulks"),                                                   \
        COLUMN(packets_name, REAL, "packets", bulk[way].mean_packets,                              \
               "Mean number of packets per " whose " bulk",                                        \
               prefix "_bulk_per_packet / " prefix "_bulk_state_count",                            \
               "its bulks differ; 0 without bulks"),                                               \
        COLUMN(rate_name, REAL, "bytes/s", bulk[way].rate,                                         \
               "Payload per second in " whose " bulks",                                            \
               prefix "_bulk_total_size / " prefix "_bulk_duration",                               \
               "its bulks differ; 0 if their duration is 0")

#define ITS_FORWARD_BULKS                                                                          \
    "payload of the other direction breaks a run only if it is later than the first packet of "    \
    "the run, and not after a gap of more than 1 s"
#define ITS_BACKWARD_BULKS                                                                         \
    "gaps are measured from the last forward packet with payload, so there is no bulk before the " \
    "first such packet; payload of the other direction breaks a run only if it is later than the " \
    "first packet of the run"

#define BULKS(prefix, way, whose, original_)                                                       \
    COLUMN(prefix "_bulk_state_count", UNSIGNED, "bulks", bulk[way].count,                         \
           "Bulks of " whose " packets", FORMULA_BULKS, original_),                                \
        COLUMN(prefix "_bulk_total_size", UNSIGNED, "bytes", bulk[way].bytes,                      \
               "Payload in " whose " bulks", FORMULA_BULK_BYTES, original_),                       \
        COLUMN(prefix "_bulk_per_packet", UNSIGNED, "packets", bulk[way].packets,                  \
               "Packets in " whose " bulks", FORMULA_BULK_PACKETS, original_),                     \
        COLUMN(prefix "_bulk_duration", REAL, "s", bulk[way].duration,                             \
               "Total duration of " whose " bulks", FORMULA_BULK_DURATION, original_)

#define FLAG(prefix, name, way, bit, field, whose)                                                 \
    COLUMN(prefix name "_flag_counts", UNSIGNED, "packets", flags[way][bit],                       \
           "Packets" whose " with this TCP flag", FORMULA_FLAG(field), NULL)

#define FLAGS(prefix, way, whose)                                                                  \
    FLAG(prefix, "fin", way, 0, "fin", whose), FLAG(prefix, "psh", way, 3, "push", whose),         \
        FLAG(prefix, "urg", way, 5, "urg", whose), FLAG(prefix, "ece", way, 6, "ece", whose),      \
        FLAG(prefix, "syn", way, 1, "syn", whose), FLAG(prefix, "ack", way, 4, "ack", whose),      \
        FLAG(prefix, "cwr", way, 7, "cwr", whose), FLAG(prefix, "rst", way, 2, "reset", whose)

#define ABSOLUTE_TIME                                                                              \
    "with exactly one packet, its time since 1970; without packets, 0; otherwise " DOUBLES         \
    ", negative if a packet is earlier than the previous one"

#define GAPS(mean_name, prefix, way, whose)                                                        \
    COLUMN(mean_name, REAL, "s", gaps[way].mean, "Mean time between consecutive packets" whose,    \
           FORMULA_MEAN("gap"), ABSOLUTE_TIME),                                                    \
        COLUMN(prefix "_IAT_std", REAL, "s", gaps[way].deviation,                                  \
               "Standard deviation of the times between consecutive packets" whose,                \
               FORMULA_STD("gap"), "0 with fewer than two packets"),                               \
        COLUMN(prefix "_IAT_max", REAL, "s", gaps[way].max,                                        \
               "Longest time between consecutive packets" whose, "max(gap)", ABSOLUTE_TIME),       \
        COLUMN(prefix "_IAT_min", REAL, "s", gaps[way].min,                                        \
               "Shortest time between consecutive packets" whose, "min(gap)", ABSOLUTE_TIME),      \
        COLUMN(prefix "_IAT_total", REAL, "s", gaps[way].total,                                    \
               "Sum of the times between consecutive packets" whose, "sum(gap)", ABSOLUTE_TIME)

#define SUBFLOWS      "(1 + count(gap > 1 s)), with the gaps of both directions"
#define FORWARD_ONLY  " from the initiator"
#define BACKWARD_ONLY " to the initiator"
#define BUT_ONE       "divides by the number of subflows minus one; 0 if that is 0"

const struct profile_column netflowmeter_columns[] = {
    COLUMN("sample_id", UNSIGNED, "", sample_id, "The sampleID of the packets", FORMULA_SAMPLE_ID,
           "has no such column"),
    COLUMN("metadata", TEXT, "", metadata, "Label of the packets",
           FORMULA_METADATA FORMULA_OTHER_LABEL, "has no such column"),
    COLUMN("flow_id", TEXT, "", flow_id, "Name of the flow",
           "src_ip, src_port, dst_ip, dst_port, protocol and timestamp, joined by _",
           "only TCP over IPv4, from pcap files with microseconds (with nanoseconds it leaves "
           "durations and rates empty, and it refuses pcapng; compat mode accepts all of them); a "
           "flow ends at the first packet after a FIN in both directions or an RST; this packet "
           "begins the next flow, as a backward packet if it was one before"),
    COLUMN("timestamp", TEXT, "", timestamp, "Time of the earliest packet in UTC",
           "min(frame.time_epoch) as YYYY-MM-DD HH:MM:SS, followed, unless it is a whole second, "
           "by a point and up to nine decimals",
           "that of the first packet in the file, in local time (compat mode: UTC), with six "
           "decimals or none"),
    COLUMN("src_ip", TEXT, "", source, "Address of the initiator", FORMULA_SOURCE,
           "source address of the first packet"),
    COLUMN("src_port", UNSIGNED, "", source_port,
           "Port of the initiator; 0 without ports; " UNKNOWN_PORTS, FORMULA_SOURCE_PORT,
           "source port of the first packet"),
    COLUMN("dst_ip", TEXT, "", destination, "Address of the responder", FORMULA_DESTINATION,
           "destination address of the first packet"),
    COLUMN("dst_port", UNSIGNED, "", destination_port,
           "Port of the responder; 0 without ports; " UNKNOWN_PORTS, FORMULA_DESTINATION_PORT,
           "destination port of the first packet"),
    COLUMN("protocol", TEXT, "", protocol, "Protocol, such as TCP", FORMULA_PROTOCOL, "only TCP"),

    COLUMN("duration", REAL, "s", duration, "Time from the earliest to the latest packet",
           "max(frame.time_epoch) - min(frame.time_epoch)",
           "from the first to the last packet in the file, " DOUBLES),
    COLUMN("packets_count", UNSIGNED, "packets", packets[NFM_BOTH], "Packets", "count(packets)",
           NULL),
    COLUMN("fwd_packets_count", UNSIGNED, "packets", packets[NFM_FORWARD], "Packets" FORWARD_ONLY,
           "count(packets)", NULL),
    COLUMN("bwd_packets_count", UNSIGNED, "packets", packets[NFM_BACKWARD], "Packets" BACKWARD_ONLY,
           "count(packets)", NULL),
    COLUMN("total_payload_bytes", UNSIGNED, "bytes", payload_total[NFM_BOTH],
           "Payload of the packets after the transport header, by the lengths in the headers",
           "sum(payload_length)", CAPTURED),
    COLUMN("fwd_total_payload_bytes", UNSIGNED, "bytes", payload_total[NFM_FORWARD],
           "Payload of the packets" FORWARD_ONLY, "sum(payload_length)", CAPTURED),
    COLUMN("bwd_total_payload_bytes", UNSIGNED, "bytes", payload_total[NFM_BACKWARD],
           "Payload of the packets" BACKWARD_ONLY, "sum(payload_length)", CAPTURED),

    PAYLOAD("", NFM_BOTH, "", CAPTURED, CAPTURED),
    PAYLOAD("fwd_", NFM_FORWARD, FORWARD_ONLY, BOTH_WAYS, OTHER_MEAN_NOTHING),
    PAYLOAD("bwd_", NFM_BACKWARD, BACKWARD_ONLY, BOTH_WAYS, OTHER_MEAN_NOTHING),
    HEADERS("", NFM_BOTH, "", NULL),
    HEADERS("fwd_", NFM_FORWARD, FORWARD_ONLY, OTHER_MEAN_NOTHING),
    HEADERS("bwd_", NFM_BACKWARD, BACKWARD_ONLY, OTHER_MEAN_NOTHING),

    COLUMN("fwd_avg_segment_size", REAL, "bytes", segment[NFM_FORWARD],
           "Mean payload of a packet" FORWARD_ONLY, "fwd_total_payload_bytes / fwd_packets_count",
           OTHER_MEAN_NOTHING),
    COLUMN("bwd_avg_segment_size", REAL, "bytes", segment[NFM_BACKWARD],
           "Mean payload of a packet" BACKWARD_ONLY, "bwd_total_payload_bytes / bwd_packets_count",
           OTHER_MEAN_NOTHING),
    COLUMN("avg_segment_size", REAL, "bytes", segment[NFM_BOTH], "Mean payload of a packet",
           "total_payload_bytes / packets_count", NULL),
    COLUMN("fwd_init_win_bytes", UNSIGNED, "bytes", window[NFM_FORWARD],
           "Unscaled TCP window of the first packet" FORWARD_ONLY, FORMULA_FIRST_WINDOW,
           OTHER_MEAN_NOTHING),
    COLUMN("bwd_init_win_bytes", UNSIGNED, "bytes", window[NFM_BACKWARD],
           "Unscaled TCP window of the first packet" BACKWARD_ONLY, FORMULA_FIRST_WINDOW,
           OTHER_MEAN_NOTHING),

    PERIODS("active", NFM_ACTIVE,
            "active period: packets without a gap of more than 5 s between them, including the "
            "last period",
            NEGATIVE_PERIODS),
    PERIODS("idle", NFM_IDLE, "idle period: gap of more than 5 s between two packets", LONG_GAPS),

    RATE("bytes_rate", "bytes/s", bytes_rate[NFM_BOTH], "Payload",
         "total_payload_bytes / duration"),
    RATE("fwd_bytes_rate", "bytes/s", bytes_rate[NFM_FORWARD], "Payload" FORWARD_ONLY,
         "fwd_total_payload_bytes / duration"),
    RATE("bwd_bytes_rate", "bytes/s", bytes_rate[NFM_BACKWARD], "Payload" BACKWARD_ONLY,
         "bwd_total_payload_bytes / duration"),
    RATE("packets_rate", "packets/s", packets_rate[NFM_BOTH], "Packets",
         "packets_count / duration"),
    RATE("bwd_packets_rate", "packets/s", packets_rate[NFM_BACKWARD], "Packets" BACKWARD_ONLY,
         "bwd_packets_count / duration"),
    RATE("fwd_packets_rate", "packets/s", packets_rate[NFM_FORWARD], "Packets" FORWARD_ONLY,
         "fwd_packets_count / duration"),
    COLUMN("down_up_rate", REAL, "", down_up, "Backward packets per forward packet",
           "bwd_packets_count / fwd_packets_count", "0 without forward packets"),

    BULK_MEANS("avg_fwd_bytes_per_bulk", "avg_fwd_packets_per_bulk", "avg_fwd_bulk_rate", "fwd",
               NFM_FORWARD, "forward"),
    BULK_MEANS("avg_bwd_bytes_per_bulk", "avg_bwd_packets_bulk_rate", "avg_bwd_bulk_rate", "bwd",
               NFM_BACKWARD, "backward"),
    BULKS("fwd", NFM_FORWARD, "forward", ITS_FORWARD_BULKS),
    BULKS("bwd", NFM_BACKWARD, "backward", ITS_BACKWARD_BULKS),

    FLAGS("", NFM_BOTH, ""),
    FLAGS("fwd_", NFM_FORWARD, FORWARD_ONLY),
    FLAGS("bwd_", NFM_BACKWARD, BACKWARD_ONLY),

    GAPS("packets_IAT_mean", "packet", NFM_BOTH, ""),
    GAPS("fwd_packets_IAT_mean", "fwd_packets", NFM_FORWARD, FORWARD_ONLY),
    GAPS("bwd_packets_IAT_mean", "bwd_packets", NFM_BACKWARD, BACKWARD_ONLY),

    COLUMN("subflow_fwd_packets", REAL, "packets", subflow_packets[NFM_FORWARD],
           "Packets" FORWARD_ONLY " per subflow", "fwd_packets_count / " SUBFLOWS, BUT_ONE),
    COLUMN("subflow_bwd_packets", REAL, "packets", subflow_packets[NFM_BACKWARD],
           "Packets" BACKWARD_ONLY " per subflow", "bwd_packets_count / " SUBFLOWS, BUT_ONE),
    COLUMN("subflow_fwd_bytes", REAL, "bytes", subflow_bytes[NFM_FORWARD],
           "Payload" FORWARD_ONLY " per subflow", "fwd_total_payload_bytes / " SUBFLOWS, BUT_ONE),
    COLUMN("subflow_bwd_bytes", REAL, "bytes", subflow_bytes[NFM_BACKWARD],
           "Payload" BACKWARD_ONLY " per subflow", "bwd_total_payload_bytes / " SUBFLOWS,
           "uses the payload from the initiator, not to it; " BUT_ONE),

    COLUMN("label", TEXT, "", label, "Label of the flow",
           FORMULA_METADATA FORMULA_OTHER_LABEL ", or else Unknown",
           "the label given, otherwise Unknown"),
    {{0}, 0},
};
