/* The default mode of pcap2json: flows of the assembler, their data packets in chains. */
#include "base/memory.h"
#include "capture/time_digits.h"
#include "features/flow_feed.h"
#include "features/pcap2json/pcap2json_row.h"
#include "features/pcap2json/pcap2json_seen.h"
#include "packet/address_text.h"
#include <stdlib.h>
#include <string.h>

struct json_engine {
    struct engine base;
    struct flow_feed feed;
    struct chains *chains;
    struct pcap2json_text text;
};

/* The state of a flow; arrays of two belong to the endpoints of its key. */
struct json_flow {
    struct chain packets;
    uint64_t stored, retransmissions, data_bytes;
    struct pcap2json_seen seen[2];
    bool has_packets[2];
    bool nanoseconds; /* of an interface with times finer than microseconds */
};

static struct pcap2json_packet describe(const struct flow_packet *packet, bool detail)
{
    const struct packet_headers *headers = packet->headers;
    return (struct pcap2json_packet){
        .time_ns = packet->time_ns,
        .data_len = headers->payload_len,
        .ip_len = headers->ip_len,
        .ip_header_len = headers->ip_header_len,
        .transport_header_len = headers->transport_len,
        .content_len = detail ? headers->payload_captured : headers->ip_captured,
        .window = headers->tcp_window,
        .urgent = headers->tcp_urgent,
        .flags = (uint8_t)headers->tcp_flags,
        .tos = headers->tos,
        .ttl = headers->ttl,
    };
}

/* Of a transport header whose ports at least were captured. */
static uint8_t unknown_of(const struct packet_headers *headers)
{
    uint8_t unknown = headers->unknown_lengths ? UNKNOWN_LENGTHS : 0;
    if (headers->protocol != IP_PROTOCOL_TCP || !headers->has_transport)
        return unknown;
    if (!packet_has_sequence(headers))
        unknown |= UNKNOWN_SEQUENCE;
    if (!packet_has_tcp(headers))
        unknown |= UNKNOWN_FLAGS;
    if (!packet_has_window(headers))
        unknown |= UNKNOWN_WINDOW;
    if (!packet_has_urgent(headers))
        unknown |= UNKNOWN_URGENT;
    return unknown;
}

/* Where its payload's length is not known it may have some. */
static bool has_data(const struct packet_headers *headers)
{
    return headers->payload_len > 0 || headers->unknown_lengths;
}

static int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                          struct lcap_error *error)
{
    struct json_engine *engine = context;
    struct json_flow *state = flow_state(flow);
    const struct packet_headers *headers = packet->headers;
    const bool detail = engine->base.setup.options->detail;
    const bool second = packet->forward == (flow_source(flow) == 1);
    struct pcap2json_packet stored = describe(packet, detail);
    bool again = false;
    int rc = LCAP_OK;
    stored.second = second;
    stored.has_sequence = packet_has_sequence(headers);
    stored.unknown = unknown_of(headers);
    state->has_packets[second] = true;
    state->nanoseconds |= time_digits_below_microsecond(packet->packet->interface);
    flow->dns |= packet_is_dns(headers);
    if (stored.has_sequence) /* with or without data: th_seq is relative to the first one */
        stored.sequence = pcap2json_unwrap(&state->seen[second], headers->tcp_seq);
    if (!has_data(headers))
        return LCAP_OK;
    if (stored.has_sequence && headers->payload_len > 0)
        rc = pcap2json_see(&state->seen[second], stored.sequence, headers->payload_len, &again,
                           error);
    state->retransmissions += again;
    if (rc != LCAP_OK || again)
        return rc;
    state->stored++;
    state->data_bytes += headers->payload_len;
    return pcap2json_store(engine->chains, &state->packets, &stored,
                           detail ? headers->payload : headers->ip, error);
}

static struct lcap_flow_row summarise(const struct json_engine *engine, const struct flow *flow)
{
    const struct json_flow *state = flow_state(flow);
    const struct engine_setup *setup = &engine->base.setup;
    const struct sample sample = flow_sample(setup, flow);
    struct lcap_flow_row summary = row_summary_assembled(setup, flow, &sample);
    summary.packets = flow->packets;
    summary.bytes = state->data_bytes;
    summary.bidirectional = state->has_packets[0] && state->has_packets[1];
    return summary;
}

static bool has_no_sequence(const struct flow *flow, int side)
{
    const struct json_flow *state = flow_state(flow);
    return flow_is_tcp(flow) && state->has_packets[side] && !state->seen[side].started;
}

static int write_flow(void *context, struct flow *flow, struct lcap_error *error)
{
    struct json_engine *engine = context;
    const struct engine_setup *setup = &engine->base.setup;
    const struct json_flow *state = flow_state(flow);
    const int source = flow_source(flow);
    if (setup->options->detail && state->stored == 0)
        return LCAP_OK;
    struct lcap_flow_row summary = summarise(engine, flow);
    char addresses[2][ADDRESS_TEXT];
    address_to_text(summary.family, summary.addresses[0], addresses[0]);
    address_to_text(summary.family, summary.addresses[1], addresses[1]);
    const struct pcap2json_flow facts = {
        .detail = setup->options->detail,
        .bidirectional = !setup->options->unidirectional,
        .nanoseconds = state->nanoseconds,
        .source_is_second = source == 1,
        .has_label = summary.has_label,
        .sample_id = summary.sample_id,
        .metadata = summary.has_label || setup->options->metadata ? summary.metadata : NULL,
        .source = addresses[0],
        .destination = addresses[1],
        .protocol = summary.protocol,
        .ports = {summary.ports[0], summary.ports[1]},
        .unknown_ports = flow->key.unknown_ports,
        .packets = state->stored,
        .start_ns = flow->first_ns,
        .init_seq = {state->seen[source].init, state->seen[!source].init},
        .unknown_init_seq = {has_no_sequence(flow, source), has_no_sequence(flow, !source)},
        .retransmissions = state->retransmissions,
    };
    const int rc =
        pcap2json_text_begin(&engine->text, &facts, engine->chains, &state->packets, error);
    return rc == LCAP_OK ? pcap2json_emit(setup, &engine->text, &summary, error) : rc;
}

static void release_flow(void *context, struct flow *flow)
{
    struct json_engine *engine = context;
    struct json_flow *state = flow_state(flow);
    chains_drop(engine->chains, &state->packets);
    pcap2json_seen_release(&state->seen[0]);
    pcap2json_seen_release(&state->seen[1]);
}

static void json_engine_free(struct engine *base)
{
    struct json_engine *engine = (struct json_engine *)base;
    if (!engine)
        return;
    flow_feed_release(&engine->feed);
    chains_free(engine->chains);
    pcap2json_text_release(&engine->text);
    free(engine);
}

static int json_engine_create(struct engine **base, const struct engine_setup *setup,
                              struct lcap_error *error)
{
    struct json_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    engine->feed.unknown = setup->unknown;
    engine->feed.share = setup->share;
    const struct flow_measure hooks = {
        .state_size = sizeof(struct json_flow),
        .packet = measure_packet,
        .ended = write_flow,
        .release = release_flow,
    };
    int rc = pcap2json_chains(&engine->chains, setup->options, error);
    if (rc == LCAP_OK)
        rc = flow_feed_init(&engine->feed, setup->options, &hooks, engine, error);
    if (rc == LCAP_OK)
        *base = &engine->base;
    else
        json_engine_free(&engine->base);
    return rc;
}

static int json_engine_packet(struct engine *base, const struct lcap_packet *packet,
                              uint32_t sample, struct lcap_error *error)
{
    struct json_engine *engine = (struct json_engine *)base;
    return flow_feed_packet(&engine->feed, packet, sample, base->setup.counts, error);
}

static int json_engine_pass(struct engine *base, const struct passing_packet *passing,
                            uint32_t sample, struct lcap_error *error)
{
    struct json_engine *engine = (struct json_engine *)base;
    return flow_feed_pass(&engine->feed, &passing->packet, sample, passing->skip,
                          passing->unknown_type, base->setup.counts, error);
}

static int json_engine_finish(struct engine *base, struct lcap_error *error)
{
    struct json_engine *engine = (struct json_engine *)base;
    return flow_feed_finish(&engine->feed, base->setup.counts, error);
}

const struct engine_class pcap2json_engine = {
    .create = json_engine_create,
    .packet = json_engine_packet,
    .pass = json_engine_pass,
    .finish = json_engine_finish,
    .free = json_engine_free,
};
