/* The nexusflowmeter profile: its columns by documented formulas, for flows of the flow engine. */
#include "base/number/exact.h"
#include "base/text/text.h"
#include "features/measure/formulas.h"
#include "features/nexusflowmeter/nexusflowmeter_row.h"
#include "packet/address_text.h"

#define NS_PER_MS UINT64_C(1000000)

/* What some packet of a direction had, beside TCP's flags. */
enum seen { SEEN_TCP = 1 << 16, SEEN_SYN_ACK = 1 << 17, SEEN_LENGTHS = 1 << 18 };

struct measured {
    struct nexus_counts counts;
    int64_t previous;                   /* the latest time so far */
    uint64_t gap_sum, gap_min, gap_max; /* nanoseconds */
    uint32_t seen[2];                   /* by direction: TCP_ flags and SEEN_ */
};

/* An earlier packet gets the time of the previous one. Gaps fit unsigned numbers. */
static void measure_time(struct measured *measured, int64_t time)
{
    const uint64_t before = nexus_both(measured->counts.packets);
    uint64_t gap = 0;
    if (before > 0 && time > measured->previous)
        gap = (uint64_t)time - (uint64_t)measured->previous;
    if (before == 0 || time > measured->previous)
        measured->previous = time;
    if (before == 0)
        return;
    measured->gap_sum += gap;
    if (before == 1 || gap < measured->gap_min)
        measured->gap_min = gap;
    if (gap > measured->gap_max)
        measured->gap_max = gap;
}

static uint32_t seen_in(const struct packet_headers *headers)
{
    const uint32_t lengths = headers->unknown_lengths ? 0 : SEEN_LENGTHS;
    if (!packet_has_tcp(headers))
        return lengths;
    const bool syn_ack = (headers->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    return lengths | SEEN_TCP | headers->tcp_flags | (syn_ack ? SEEN_SYN_ACK : 0);
}

static int measure_packet(const struct lcap_flow_options *options, struct flow *flow,
                          const struct flow_packet *packet, struct lcap_error *error)
{
    struct measured *measured = flow_state(flow);
    const struct packet_headers *headers = packet->headers;
    const int direction = packet->forward ? NEXUS_FORWARD : NEXUS_BACKWARD;
    (void)options;
    (void)error;
    measure_time(measured, packet->time_ns);
    nexus_count_packet(&measured->counts, direction, packet->packet->len, headers->payload_len);
    measured->seen[direction] |= seen_in(headers);
    if (packet_has_tcp(headers))
        nexus_count_flags(&measured->counts, headers->tcp_flags);
    return LCAP_OK;
}

static void measure_flip(struct flow *flow)
{
    struct measured *measured = flow_state(flow);
    const uint32_t forward = measured->seen[NEXUS_FORWARD];
    nexus_counts_flip(&measured->counts);
    measured->seen[NEXUS_FORWARD] = measured->seen[NEXUS_BACKWARD];
    measured->seen[NEXUS_BACKWARD] = forward;
}

static const char *connection_state(const struct flow *flow, const struct measured *measured)
{
    const uint32_t forward = measured->seen[NEXUS_FORWARD];
    const uint32_t backward = measured->seen[NEXUS_BACKWARD];
    if (!flow_is_tcp(flow))
        return "Unknown";
    if (forward & backward & TCP_FIN)
        return "Closed";
    if ((forward | backward) & TCP_RST)
        return "Reset";
    if (measured->counts.syn == 0)
        return "Ongoing";
    return backward & SEEN_SYN_ACK ? "Established" : "Attempted";
}

static int fill_ends(const struct row_facts *facts, struct nexus_row *row, struct lcap_error *error)
{
    const struct flow *flow = facts->flow;
    const struct flow_key *key = &flow->key;
    const int source = flow_source(flow);
    char *text = arena_take(facts->text, 2 * ADDRESS_TEXT, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    address_to_text(key->family, key->address[source], text);
    address_to_text(key->family, key->address[!source], text + ADDRESS_TEXT);
    const struct nexus_ends ends = {
        .source = text,
        .destination = text + ADDRESS_TEXT,
        .protocol = protocol_name(key->family, key->protocol),
        .source_port = flow_port(flow, source),
        .destination_port = flow_port(flow, !source),
        .with_ports = flow_has_ports(flow),
        .brackets = key->family == FAMILY_IPV6,
    };
    if (ends.with_ports) {
        row->source_port = cell_unsigned(ends.source_port);
        row->destination_port = cell_unsigned(ends.destination_port);
    }
    return nexus_row_ends(&ends, facts->text, row, error);
}

static int fill_times(const struct row_facts *facts, struct nexus_row *row,
                      struct lcap_error *error)
{
    const struct flow *flow = facts->flow;
    const struct measured *measured = flow_state(flow);
    const uint64_t gaps = nexus_both(measured->counts.packets) - 1;
    int64_t duration;
    if (__builtin_sub_overflow(flow->last_ns, flow->first_ns, &duration))
        duration = INT64_MAX;
    row->duration = cell_seconds(duration);
    row->packet_rate = cell_real(exact_rate(row->packets.value.u, duration, NS_PER_SECOND));
    row->byte_rate = cell_real(exact_rate(row->bytes.value.u, duration, NS_PER_SECOND));
    if (gaps > 0) {
        row->mean_gap = cell_real(exact_ratio(measured->gap_sum, gaps * NS_PER_MS));
        row->min_gap = cell_real(exact_ratio(measured->gap_min, NS_PER_MS));
        row->max_gap = cell_real(exact_ratio(measured->gap_max, NS_PER_MS));
    }
    int rc = nexus_time_text(flow->first_ns, NS_PER_SECOND, facts->text, &row->start, error);
    if (rc == LCAP_OK)
        rc = nexus_time_text(flow->last_ns, NS_PER_SECOND, facts->text, &row->end, error);
    return rc;
}

/* What no packet, or none of its direction, had captured. */
static void blank_unknown(const struct flow *flow, struct nexus_row *row)
{
    const struct lcap_cell empty = {.kind = LCAP_CELL_EMPTY};
    const struct measured *measured = flow_state(flow);
    const uint64_t *packets = measured->counts.packets;
    const uint32_t forward = measured->seen[NEXUS_FORWARD];
    const uint32_t backward = measured->seen[NEXUS_BACKWARD];
    if (packets[NEXUS_FORWARD] > 0 && !(forward & SEEN_LENGTHS))
        row->forward_payload = empty;
    if (packets[NEXUS_BACKWARD] > 0 && !(backward & SEEN_LENGTHS))
        row->backward_payload = empty;
    if (!((forward | backward) & SEEN_LENGTHS))
        row->payload = empty;
    if (flow_is_tcp(flow) && !((forward | backward) & SEEN_TCP))
        row->flags = row->syn = row->fin = row->rst = row->ack = row->state = empty;
}

static int fill_row(const struct row_facts *facts, void *cells, struct lcap_flow_row *summary,
                    struct lcap_error *error)
{
    struct nexus_row *row = cells;
    const struct flow *flow = facts->flow;
    const struct measured *measured = flow_state(flow);
    const struct nexus_counts *counts = &measured->counts;
    if (facts->sample.metadata)
        row->sample_id = cell_unsigned(facts->sample.id);
    if (facts->metadata)
        row->metadata = cell_of_text(facts->metadata);
    nexus_row_counts(counts, row);
    row->ratio =
        cell_real(exact_ratio(counts->packets[NEXUS_FORWARD], counts->packets[NEXUS_BACKWARD]));
    row->mean_size = cell_real(exact_ratio(row->bytes.value.u, row->packets.value.u));
    row->state = cell_of_text(connection_state(flow, measured));
    summary->packets = row->packets.value.u;
    summary->bytes = row->bytes.value.u;
    summary->bidirectional = row->bidirectional.value.truth;
    int rc = fill_ends(facts, row, error);
    if (rc == LCAP_OK)
        rc = fill_times(facts, row, error);
    if (rc == LCAP_OK)
        rc = nexus_flags_text(counts, "-", facts->text, &row->flags, error);
    blank_unknown(flow, row);
    return rc;
}

static const struct profile_measure measure = {
    .state_size = sizeof(struct measured),
    .packet = measure_packet,
    .flip = measure_flip,
    .row_size = sizeof(struct nexus_row),
    .row = fill_row,
};

const struct lcap_profile profile_nexusflowmeter = {
    .name = "nexusflowmeter",
    .summary = "The 34 columns of NexusFlowMeter",
    .about = ABOUT_NOT_CAPTURED,
    .columns = nexus_columns,
    .compat_columns = nexus_compat_columns,
    .preview = {"metadata", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "total_packets",
                "total_bytes", "total_payload_bytes", "duration_seconds", "sample_id"},
    .measure = &measure,
    .engine = &flow_engine,
    .compat = &compat_nexusflowmeter,
    .defaults = {.idle_ns = (int64_t)60 * NS_PER_SECOND},
    .compat_dialect = {.capital_booleans = true,
                       .infinity = true,
                       .pandas_frame = true,
                       .pandas_json = true},
};
