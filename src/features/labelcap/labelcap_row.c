/* The profile `labelcap`: filling the cells of a row from the measurements. */
#include "features/labelcap/labelcap_row.h"
#include "features/labelcap/labelcap_state.h"

#include "base/text/text.h"
#include "base/time_distance.h"
#include "packet/address_text.h"
#include "packet/community_id.h"

static struct lcap_cell cell_unsigned_if(bool known, uint64_t value)
{
    return known ? cell_unsigned(value) : (struct lcap_cell){.kind = LCAP_CELL_EMPTY};
}

static struct lcap_cell cell_seconds_if(bool known, int64_t ns)
{
    return known ? cell_seconds(ns) : (struct lcap_cell){.kind = LCAP_CELL_EMPTY};
}

/* Identification */

static int address_cell(const struct row_facts *facts, int end, struct lcap_cell *cell,
                        struct lcap_error *error)
{
    const struct flow_key *key = &facts->flow->key;
    char *text = arena_take(facts->text, ADDRESS_TEXT, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    *cell = cell_text(text, address_to_text(key->family, key->address[end], text));
    return LCAP_OK;
}

/* Whether its type and code are known. */
static bool is_icmp(const struct flow_key *key)
{
    const uint8_t own = key->family == FAMILY_IPV4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6;
    return key->family != FAMILY_ARP && key->protocol == own && !key->unknown_ports;
}

static int community_id_cell(const struct row_facts *facts, struct lcap_cell *cell,
                             struct lcap_error *error)
{
    const struct flow_key *key = &facts->flow->key;
    const int source = flow_source(facts->flow);
    const struct community_tuple tuple = {
        .family = key->family,
        .protocol = key->protocol,
        .source = key->address[source],
        .destination = key->address[!source],
        .source_port = key->port[source],
        .destination_port = key->port[!source],
    };
    if (key->unknown_ports)
        return LCAP_OK;
    char *text = arena_take(facts->text, COMMUNITY_ID_TEXT, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    size_t len = community_id(&tuple, text);
    if (len)
        *cell = cell_text(text, len);
    return LCAP_OK;
}

static int identify(const struct row_facts *facts, struct labelcap_row *row,
                    struct lcap_error *error)
{
    const struct flow *flow = facts->flow;
    const int source = flow_source(flow);
    if (facts->sample.metadata)
        row->sample_id = cell_unsigned(facts->sample.id);
    if (facts->metadata)
        row->metadata = cell_of_text(facts->metadata);
    row->source_port = cell_unsigned_if(!flow->key.unknown_ports, flow_port(flow, source));
    row->destination_port = cell_unsigned_if(!flow->key.unknown_ports, flow_port(flow, !source));
    row->protocol = cell_of_text(protocol_name(flow->key.family, flow->key.protocol));
    row->protocol_number = cell_unsigned(flow->key.protocol);
    row->ip_version = cell_unsigned(flow->key.family);
    row->vlan_id = cell_unsigned_if(flow->vlan != VLAN_NONE, flow->vlan);
    row->start_ns = cell_signed(flow->first_ns);
    row->end_ns = cell_signed(flow->last_ns);
    int rc = address_cell(facts, source, &row->source_address, error);
    if (rc == LCAP_OK)
        rc = address_cell(facts, !source, &row->destination_address, error);
    if (rc == LCAP_OK)
        rc = community_id_cell(facts, &row->community_id, error);
    return rc;
}

/* flowEndReason, with the names in the registry of IPFIX information elements, and our own. */
static const char *end_reason(uint8_t end)
{
    static const char *const names[] = {
        [FLOW_END_IDLE] = "idle timeout",           [FLOW_END_ACTIVE] = "active timeout",
        [FLOW_END_CLOSED] = "end of flow detected", [FLOW_END_FORCED] = "forced end",
        [FLOW_END_RESOURCES] = "lack of resources", [FLOW_END_NO_MORE] = "no more packets",
    };
    return names[end];
}

/* Zeek's rule for UDP; protocols other than TCP and UDP have no connections. Empty for TCP without
 * known flags. */
static struct lcap_cell connection_state(const struct flow *flow)
{
    const struct labelcap_state *state = flow_state(flow);
    const struct flow_key *key = &flow->key;
    const struct tcp_side *forward = &state->forward.tcp, *backward = &state->backward.tcp;
    if (flow_is_tcp(flow) && !((forward->facts | backward->facts) & TCP_SENT))
        return (struct lcap_cell){.kind = LCAP_CELL_EMPTY};
    if (flow_is_tcp(flow))
        return cell_of_text(tcp_connection_state(forward, backward));
    if (key->family == FAMILY_ARP || key->protocol != IP_PROTOCOL_UDP)
        return cell_of_text("OTH");
    return cell_of_text(state->backward.packets ? "SF" : "S0");
}

static void describe(const struct flow *flow, bool dns, struct labelcap_row *row)
{
    const struct labelcap_state *state = flow_state(flow);
    row->end_reason = cell_of_text(end_reason(flow->end));
    row->connection_state = connection_state(flow);
    row->time_backwards = cell_unsigned(state->time_backwards);
    row->icmp_type = cell_unsigned_if(is_icmp(&flow->key), state->icmp_type);
    row->icmp_code = cell_unsigned_if(is_icmp(&flow->key), state->icmp_code);
    row->dns = cell_bool(dns);
}

/* Statistics */

static void fill_statistics(struct statistics_cells *cells, const struct cubic_sums *sums,
                            uint64_t per)
{
    cells->mean = cell_real(series_mean(&sums->powers, per));
    cells->std = cell_real(series_deviation(&sums->powers, per));
    cells->variance = cell_real(series_variance(&sums->powers, per));
    cells->skewness = cell_real(series_skewness(sums));
}

/* The source of the volumes. */
struct volume {
    uint64_t values, zeros, total;
};

static struct volume volume_of(const struct value_list *list, const struct cubic_sums *sums)
{
    struct volume volume = {.total = (uint64_t)sums->powers.sum};
    for (size_t i = 0; i < list->count; i++) {
        volume.values += list->items[i].count;
        volume.zeros += list->items[i].value == 0 ? list->items[i].count : 0;
    }
    return volume;
}

static int length_statistics(struct statistics_cells *cells, struct volume *volume,
                             const struct value_counts *a, const struct value_counts *b,
                             struct lcap_error *error)
{
    struct value_list list;
    int rc = value_list_init(&list, a, b, error);
    if (rc < 0)
        return rc;
    struct cubic_sums sums = value_list_sums(&list);
    *volume = volume_of(&list, &sums);
    fill_statistics(cells, &sums, 1);
    cells->min = cell_unsigned_if(volume->values, (uint64_t)sums.powers.min);
    cells->max = cell_unsigned_if(volume->values, (uint64_t)sums.powers.max);
    cells->q1 = cell_real(value_list_quartile(&list, 1));
    cells->median = cell_real(value_list_quartile(&list, 2));
    cells->q3 = cell_real(value_list_quartile(&list, 3));
    value_list_release(&list);
    return LCAP_OK;
}

static void gap_statistics(struct statistics_cells *cells, struct quantile_sketch *gaps)
{
    struct cubic_sums sums = quantile_sketch_sums(gaps);
    double quartiles[3];
    quantile_sketch_quartiles(gaps, NS_PER_SECOND, quartiles);
    fill_statistics(cells, &sums, NS_PER_SECOND);
    cells->min = cell_seconds_if(gaps->count, sums.powers.min);
    cells->max = cell_seconds_if(gaps->count, sums.powers.max);
    cells->q1 = cell_real(quartiles[0]);
    cells->median = cell_real(quartiles[1]);
    cells->q3 = cell_real(quartiles[2]);
}

/* The measurements of a direction, or of both together. */
struct traffic {
    const struct labelcap_side *a, *b; /* b: the other direction, or NULL */
    struct quantile_sketch *gaps;
    int64_t flow_duration;
    uint32_t subflows;
    bool is_tcp;
};

/* The sum of a counter over these. */
#define SUM(traffic, member)                                                                       \
    ((uint64_t)(traffic)->a->member + ((traffic)->b ? (traffic)->b->member : 0))

static bool flags_known(const struct traffic *traffic)
{
    return ((traffic->a->tcp.facts | (traffic->b ? traffic->b->tcp.facts : 0)) & TCP_SENT) != 0;
}

/* A count of TCP headers, of which some were captured up to what is counted if `known`. */
static struct lcap_cell tcp_count(const struct traffic *traffic, bool known, uint64_t count)
{
    return cell_unsigned_if(known || !traffic->is_tcp || SUM(traffic, packets) == 0, count);
}

static void fill_flags(struct flag_cells *cells, const struct traffic *traffic)
{
    struct lcap_cell *const in_order[TCP_FLAG_COUNT] = {
        &cells->fin, &cells->syn, &cells->rst, &cells->psh, &cells->ack,
        &cells->urg, &cells->ece, &cells->cwr, &cells->ns,
    };
    const bool known = flags_known(traffic);
    for (size_t i = 0; i < TCP_FLAG_COUNT; i++)
        *in_order[i] = tcp_count(traffic, known, SUM(traffic, flags[i]));
}

static void fill_tcp_events(struct traffic_cells *cells, const struct traffic *traffic)
{
    const bool known = flags_known(traffic);
    const bool windows = SUM(traffic, tcp.has_window) + SUM(traffic, tcp.has_first_window) > 0;
    cells->retransmissions = tcp_count(traffic, known, SUM(traffic, tcp.retransmissions));
    cells->out_of_order = tcp_count(traffic, known, SUM(traffic, tcp.out_of_order));
    cells->keep_alives = tcp_count(traffic, known, SUM(traffic, tcp.keep_alives));
    cells->zero_windows = tcp_count(traffic, windows, SUM(traffic, tcp.zero_windows));
}

static int fill_lengths(struct traffic_cells *cells, const struct traffic *traffic,
                        struct lcap_error *error)
{
    const struct labelcap_side *a = traffic->a, *b = traffic->b;
    struct volume frames = {0}, payloads = {0}, headers = {0};
    int rc = length_statistics(&cells->packet_length, &frames, &a->packet_lengths,
                               b ? &b->packet_lengths : NULL, error);
    if (rc == LCAP_OK)
        rc = length_statistics(&cells->payload_length, &payloads, &a->payload_lengths,
                               b ? &b->payload_lengths : NULL, error);
    if (rc == LCAP_OK)
        rc = length_statistics(&cells->header_length, &headers, &a->header_lengths,
                               b ? &b->header_lengths : NULL, error);
    int64_t duration = traffic->flow_duration;
    cells->bytes = cell_unsigned(frames.total);
    cells->bytes_per_second = cell_real(exact_rate(frames.total, duration, NS_PER_SECOND));
    if (frames.values > 0 && payloads.values == 0)
        return rc; /* no header is known to its end */
    cells->payload_bytes = cell_unsigned(payloads.total);
    cells->payload_packets = cell_unsigned(payloads.values - payloads.zeros);
    cells->header_bytes = cell_unsigned(headers.total);
    cells->payload_bytes_per_second =
        cell_real(exact_rate(payloads.total, duration, NS_PER_SECOND));
    cells->subflow_payload_bytes = cell_real(exact_ratio(payloads.total, traffic->subflows));
    return rc;
}

static int fill_traffic(struct traffic_cells *cells, const struct traffic *traffic,
                        struct lcap_error *error)
{
    uint64_t packets = SUM(traffic, packets);
    cells->packets = cell_unsigned(packets);
    cells->ip_bytes = cell_unsigned(SUM(traffic, ip_bytes));
    cells->fragments = cell_unsigned(SUM(traffic, fragments));
    cells->packets_per_second =
        cell_real(exact_rate(packets, traffic->flow_duration, NS_PER_SECOND));
    cells->subflow_packets = cell_real(exact_ratio(packets, traffic->subflows));
    fill_tcp_events(cells, traffic);
    fill_flags(&cells->flags, traffic);
    gap_statistics(&cells->gap, traffic->gaps);
    return fill_lengths(cells, traffic, error);
}

static int fill_all_traffic(const struct flow *flow, struct labelcap_row *row,
                            struct lcap_error *error)
{
    struct labelcap_state *state = flow_state(flow);
    struct labelcap_side *forward = &state->forward, *backward = &state->backward;
    struct traffic traffic = {
        .a = forward,
        .b = backward,
        .gaps = &state->gaps,
        .flow_duration = time_between(flow->first_ns, flow->last_ns),
        .subflows = state->activity.subflows,
        .is_tcp = flow_is_tcp(flow),
    };
    int rc = fill_traffic(&row->both, &traffic, error);
    traffic.b = NULL;
    traffic.gaps = &forward->gaps;
    if (rc == LCAP_OK)
        rc = fill_traffic(&row->forward, &traffic, error);
    traffic.a = backward;
    traffic.gaps = &backward->gaps;
    if (rc == LCAP_OK)
        rc = fill_traffic(&row->backward, &traffic, error);
    row->both.duration = cell_seconds(traffic.flow_duration);
    row->forward.duration =
        cell_seconds_if(forward->packets, time_between(forward->first_time, forward->last_time));
    row->backward.duration =
        cell_seconds_if(backward->packets, time_between(backward->first_time, backward->last_time));
    row->down_up_packets = cell_real(exact_ratio(backward->packets, forward->packets));
    row->down_up_bytes =
        cell_real(exact_ratio(row->backward.bytes.value.u, row->forward.bytes.value.u));
    return rc;
}

/* Directions */

static void fill_bulks(struct side_cells *cells, const struct bulk *bulk)
{
    cells->bulks = cell_unsigned(bulk->count);
    cells->bulk_packets = cell_unsigned(bulk->packets);
    cells->bulk_bytes = cell_unsigned(bulk->bytes);
    cells->bulk_duration = cell_seconds(bulk->duration);
    cells->bulk_packets_mean = cell_real(exact_ratio(bulk->packets, bulk->count));
    cells->bulk_bytes_mean = cell_real(exact_ratio(bulk->bytes, bulk->count));
    cells->bulk_rate = cell_real(exact_rate(bulk->bytes, bulk->duration, NS_PER_SECOND));
}

static void fill_side(struct side_cells *cells, const struct labelcap_side *side, bool ip)
{
    const struct tcp_side *tcp = &side->tcp;
    bool has_ip = ip && side->packets;
    cells->ttl_min = cell_unsigned_if(has_ip, side->least_ttl);
    cells->ttl_max = cell_unsigned_if(has_ip, side->greatest_ttl);
    cells->tos = cell_unsigned_if(has_ip, side->tos);
    cells->dscp = cell_unsigned_if(has_ip, side->tos >> 2);
    cells->window_first = cell_unsigned_if(tcp->has_first_window, tcp->first_window);
    cells->window_min = cell_unsigned_if(tcp->has_window, tcp->least_window);
    cells->window_max = cell_unsigned_if(tcp->has_window, tcp->greatest_window);
    cells->window_scale = cell_unsigned_if(tcp->has_scale, tcp->window_scale);
    cells->segment_size = cell_unsigned_if(tcp->segment_size, tcp->segment_size);
    if (side->packets == 0 || side->payload_lengths.distinct > 0)
        fill_bulks(cells, &side->bulk);
}

/* The flow */

static void fill_handshake(struct labelcap_row *row, const struct tcp_side *from,
                           const struct tcp_side *to)
{
    bool answered = to->has_syn_ack_time;
    bool done = answered && from->has_ack_time;
    row->syn_to_syn_ack = cell_seconds_if(answered, time_between(from->syn_ns, to->syn_ack_ns));
    row->syn_ack_to_ack = cell_seconds_if(done, time_between(to->syn_ack_ns, from->ack_ns));
    row->handshake = cell_seconds_if(done, time_between(from->syn_ns, from->ack_ns));
}

static void fill_periods(struct periods_cells *cells, const struct power_sums *sums)
{
    cells->count = cell_unsigned(sums->count);
    cells->total = cell_seconds((int64_t)sums->sum);
    cells->min = cell_seconds_if(sums->count, sums->min);
    cells->max = cell_seconds_if(sums->count, sums->max);
    cells->mean = cell_real(series_mean(sums, NS_PER_SECOND));
    cells->std = cell_real(series_deviation(sums, NS_PER_SECOND));
}

static void fill_activity(struct labelcap_row *row, const struct activity *activity)
{
    const struct power_sums active = activity_active(activity);
    const struct power_sums idle = activity_idle(activity);
    row->subflows = cell_unsigned(activity->subflows);
    fill_periods(&row->active, &active);
    fill_periods(&row->idle, &idle);
}

int labelcap_row_fill(const struct row_facts *facts, void *cells, struct lcap_flow_row *summary,
                      struct lcap_error *error)
{
    struct labelcap_row *row = cells;
    const struct labelcap_state *state = flow_state(facts->flow);
    const bool ip = facts->flow->key.family != FAMILY_ARP;
    int rc = identify(facts, row, error);
    if (rc == LCAP_OK)
        rc = fill_all_traffic(facts->flow, row, error);
    if (rc == LCAP_OK && state->first_packets)
        rc = first_packets_write(state->first_packets, &row->first_packets, facts->text, error);
    describe(facts->flow, summary->dns, row);
    fill_side(&row->forward_side, &state->forward, ip);
    fill_side(&row->backward_side, &state->backward, ip);
    fill_handshake(row, &state->forward.tcp, &state->backward.tcp);
    fill_activity(row, &state->activity);
    summary->packets = row->both.packets.value.u;
    summary->bytes = row->both.bytes.value.u;
    summary->bidirectional = state->forward.packets && state->backward.packets;
    return rc;
}
