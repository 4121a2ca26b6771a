/* The profile `labelcap`: measuring packets. */
#include "features/labelcap/labelcap_row.h"
#include "features/labelcap/labelcap_state.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "base/time_distance.h"
#include "features/measure/formulas.h"
#include <stdlib.h>

/* The bytes of IP and transport headers. */
static uint32_t header_len(const struct packet_headers *headers)
{
    return (uint32_t)headers->ip_header_len + headers->transport_len;
}

static int count_lengths(struct labelcap_side *side, const struct flow_packet *packet,
                         struct lcap_error *error)
{
    const struct packet_headers *headers = packet->headers;
    int rc = value_counts_add(&side->packet_lengths, packet->packet->len, error);
    if (headers->unknown_lengths)
        return rc;
    if (rc == LCAP_OK)
        rc = value_counts_add(&side->payload_lengths, headers->payload_len, error);
    if (rc == LCAP_OK)
        rc = value_counts_add(&side->header_lengths, header_len(headers), error);
    return rc;
}

static void count_headers(struct labelcap_side *side, const struct packet_headers *headers)
{
    if (side->packets == 0) {
        side->least_ttl = side->greatest_ttl = headers->ttl;
        side->tos = headers->tos;
    }
    if (headers->ttl < side->least_ttl)
        side->least_ttl = headers->ttl;
    if (headers->ttl > side->greatest_ttl)
        side->greatest_ttl = headers->ttl;
    side->ip_bytes += headers->ip_len;
    side->fragments += headers->fragment;
    side->packets++;
}

static void count_flags(struct labelcap_side *side, unsigned flags)
{
    for (; flags; flags &= flags - 1)
        side->flags[__builtin_ctz(flags)]++;
}

/* Adds the time since the previous packet of the series, which has `count` packets. */
static int add_gap(struct quantile_sketch *gaps, uint64_t count, int64_t before, int64_t time,
                   struct lcap_error *error)
{
    return count ? quantile_sketch_add(gaps, time_between(before, time), error) : LCAP_OK;
}

static int measure_times(struct labelcap_state *state, struct labelcap_side *side, int64_t time,
                         struct lcap_error *error)
{
    uint64_t packets = state->forward.packets + state->backward.packets;
    int rc = add_gap(&state->gaps, packets, state->time, time, error);
    if (rc == LCAP_OK)
        rc = add_gap(&side->gaps, side->packets, side->last_time, time, error);
    if (rc == LCAP_OK)
        rc = activity_packet(&state->activity, time, error);
    if (side->packets == 0)
        side->first_time = time;
    side->last_time = time;
    return rc;
}

static int add_first_packets(struct labelcap_state *state, const struct lcap_flow_options *options,
                             const struct flow_packet *packet, int64_t gap,
                             struct lcap_error *error)
{
    if (!options->sequence_packets && !options->payload_bytes)
        return LCAP_OK;
    if (!state->first_packets &&
        !(state->first_packets = memory_new(1, sizeof *state->first_packets, error)))
        return LCAP_ERR_MEMORY;
    return first_packets_add(state->first_packets, options, packet, gap, error);
}

/*
 * The time of the flow does not go back: a packet that is earlier than a previous
 * one gets the time of that one, and is counted.
 */
static int64_t flow_time(struct labelcap_state *state, const struct flow_packet *packet)
{
    bool first = state->forward.packets + state->backward.packets == 0;
    if (first || packet->time_ns >= state->time)
        return packet->time_ns;
    state->time_backwards++;
    return state->time;
}

static int measure_packet(const struct lcap_flow_options *options, struct flow *flow,
                          const struct flow_packet *packet, struct lcap_error *error)
{
    struct labelcap_state *state = flow_state(flow);
    struct labelcap_side *own = packet->forward ? &state->forward : &state->backward;
    struct labelcap_side *other = packet->forward ? &state->backward : &state->forward;
    const struct packet_headers *headers = packet->headers;
    bool first = own->packets + other->packets == 0;
    int64_t time = flow_time(state, packet);
    int64_t gap = first ? 0 : time_between(state->time, time);
    if (first) {
        state->icmp_type = headers->icmp_type;
        state->icmp_code = headers->icmp_code;
    }
    int rc = measure_times(state, own, time, error);
    if (rc == LCAP_OK)
        rc = count_lengths(own, packet, error);
    if (rc == LCAP_OK && packet_has_tcp(headers)) {
        rc = tcp_side_packet(&own->tcp, &other->tcp, headers, time, error);
        count_flags(own, headers->tcp_flags);
    }
    if (rc == LCAP_OK)
        rc = add_first_packets(state, options, packet, gap, error);
    bulk_packet(&own->bulk, &other->bulk, time, headers->payload_len, NS_PER_SECOND);
    count_headers(own, headers);
    state->time = time;
    return rc;
}

static void flip(struct flow *flow)
{
    struct labelcap_state *state = flow_state(flow);
    struct labelcap_side forward = state->forward;
    state->forward = state->backward;
    state->backward = forward;
    if (state->first_packets)
        first_packets_flip(state->first_packets);
}

static void release_side(struct labelcap_side *side)
{
    value_counts_release(&side->packet_lengths);
    value_counts_release(&side->payload_lengths);
    value_counts_release(&side->header_lengths);
    quantile_sketch_release(&side->gaps);
    tcp_side_release(&side->tcp);
}

static void release(struct flow *flow)
{
    struct labelcap_state *state = flow_state(flow);
    release_side(&state->forward);
    release_side(&state->backward);
    quantile_sketch_release(&state->gaps);
    activity_release(&state->activity);
    if (state->first_packets)
        first_packets_release(state->first_packets);
    free(state->first_packets);
}

static const struct profile_measure measure = {
    .state_size = sizeof(struct labelcap_state),
    .packet = measure_packet,
    .flip = flip,
    .release = release,
    .row_size = sizeof(struct labelcap_row),
    .row = labelcap_row_fill,
};

static const char about[] =
    "**Directions.** Forward packets go from the source to the destination. The source is the\n"
    "initiator: the sender of a SYN without ACK; where there is none, the sender of the first\n"
    "packet, or its receiver if that packet is a SYN/ACK. Columns without `forward_` or\n"
    "`backward_` cover both directions.\n"
    "\n"
    "**Empty cells.** An undefined value is empty: the mean of no values, a rate over 0 s,\n"
    "the skewness of equal values, a TCP field of a UDP flow. Counts and sums are never\n"
    "empty.\n"
    "\n" ABOUT_NOT_CAPTURED "\n"
    "\n"
    "**Lengths.** `packet_length` is the length of the frame on the wire, even if less of it\n"
    "was captured. `payload_length` is what follows the transport header, or the IP header if\n"
    "there is no transport header, without link-layer padding. `header_length` covers the IP\n"
    "header, IPv6 extension headers and the transport header.\n"
    "\n"
    "**Statistics** are those of the whole population (divided by n). Sums are exact\n"
    "integers; a mean, a variance or a rate is their exact quotient, rounded once. Quartiles\n"
    "and medians are the values at the positions (n - 1) / 4, (n - 1) / 2 and 3 (n - 1) / 4\n"
    "of the sorted series, counted from 0, with linear interpolation between neighbours, as\n"
    "in numpy and pandas. Quartiles of lengths are exact, except that lengths of 131,071 or\n"
    "more count as the shortest of them: no real packet is that long, but a capture can claim\n"
    "any length. The other statistics use every length as it is. Quartiles of inter-arrival\n"
    "times are exact up to 4,096 values; those of a longer series come from a sketch\n"
    "(DDSketch by Masson, Rim and Lee, VLDB 2019, with 128 buckets for each power of 2) and\n"
    "are off by at most 1/256 (0.4 %).\n"
    "\n"
    "**Times.** A packet that is earlier than a previous packet of its flow counts as\n"
    "simultaneous with the latest of these: its inter-arrival time is 0, and `time_backwards`\n"
    "counts it.\n"
    "\n"
    "**Subflows, active and idle.** A gap of more than 1 s between two packets of the flow\n"
    "begins a new subflow. A gap of more than 5 s is an idle period; what lies before,\n"
    "between and after idle periods is active, including the last period.\n"
    "\n"
    "**Bulks.** A bulk is a run of 4 or more packets with payload in one direction, with no\n"
    "payload in the other direction and no gap of more than 1 s between them.\n"
    "\n"
    "**Segments.** A segment is a TCP packet with payload, SYN or FIN, and without RST. Its\n"
    "first sequence number classifies it. If the number was seen before, it is a\n"
    "retransmission; if not, but it is below the highest one seen (in a hole, or below the\n"
    "first one), it is out of order; otherwise it is new. Keep-alives (at most one byte, one\n"
    "number below the next expected one) and zero-window probes (one byte while the window of\n"
    "the other side is 0) are neither. A SYN with a number not seen before restarts the\n"
    "numbers of its side. The 32 highest holes per direction are remembered. Numbers wrap\n"
    "around at 2^32. A segment that was lost before it could be captured leaves a hole, so\n"
    "its repetition counts as out of order.\n"
    "\n"
    "**Connection states** have the names of Zeek's `conn_state`:\n"
    "\n"
    "| State | Meaning |\n"
    "|---|---|\n"
    "| S0 | a SYN, no answer |\n"
    "| S1 | opened, not closed |\n"
    "| SF | closed by a FIN of both sides; UDP: packets both ways |\n"
    "| REJ | a SYN that was answered by RST |\n"
    "| S2, S3 | opened, and a FIN only of the originator (S2) or of the responder (S3) |\n"
    "| RSTO, RSTR | opened or closed by the other side, and an RST of the originator (RSTO) or of "
    "the responder (RSTR) |\n"
    "| RSTOS0 | a SYN, at most data, then an RST of the originator, no answer |\n"
    "| RSTRH, SHR | an RST (RSTRH) or a FIN (SHR) of the responder, and the originator did not "
    "open |\n"
    "| SH | a FIN of the originator, no SYN/ACK |\n"
    "| OTH | anything else, and all protocols other than TCP and UDP |\n"
    "\n"
    "A connection is opened by a SYN and a SYN/ACK, or, if the SYN was not captured, by a\n"
    "SYN/ACK and a packet of the originator. The originator is the sender of a SYN, else the\n"
    "receiver of a SYN/ACK, else the source. S0 also stands for UDP in one direction. An RST\n"
    "after the FINs of both sides changes nothing, nor does one after the FIN of its side if the\n"
    "other side sends a FIN later.\n"
    "\n"
    "**Sequences.** `packet_lengths`, `packet_directions` and `packet_inter_arrival_times_ns`\n"
    "describe the first packets of the flow, as numbers separated by spaces; `payload` holds\n"
    "its first payload bytes, of both directions in order of arrival. These columns exist\n"
    "only on request (`--packets`, `--payload`).";

static const struct column_alias renamed[] = {
    {"packet_inter_arrival_times", "packet_inter_arrival_times_ns"},
    {0},
};

const struct lcap_profile profile_labelcap = {
    .name = "labelcap",
    .summary = "All features of labelcap, per flow and per direction",
    .about = about,
    .columns = labelcap_columns,
    .aliases = renamed,
    .preview = {"metadata", "source_address", "source_port", "destination_address",
                "destination_port", "protocol", "packets", "bytes", "duration", "sample_id"},
    .measure = &measure,
    .engine = &flow_engine,
    .defaults = {.idle_ns = FLOW_IDLE_NS},
};
