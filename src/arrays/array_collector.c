/* Rows of flows, samples and packets. */
#include "arrays/array_collector.h"

#include "base/bytes.h"
#include "flow/flow_key.h"
#include "packet/tls_hello.h"
#include <string.h>

/* In memory at once: they take about 30 MB, so that all stays below 64 MiB. */
#define MOST_OPEN_FLOWS (1u << 17)

/* All are numbers. */
void array_counts_add(struct array_counts *sum, const struct array_counts *more)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)more;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

/* ---- packets ---- */

/* The second endpoint has the higher address, or the higher port. */
static bool is_from_second(const struct packet_headers *headers)
{
    return flow_key_compare_ends(headers) > 0;
}

static void store_endpoint(uint8_t *at, const uint8_t address[16], uint16_t port)
{
    memcpy(at, address, 16);
    store16(at + 16, port, true);
}

/* Of its endpoints, in an order that does not depend on the direction, its protocol and sample. */
static uint64_t flow_hash(const struct array_collector *c, const struct packet_headers *headers)
{
    const bool from_second = is_from_second(headers);
    static const uint8_t key[HASH_KEY_LEN] = "labelcap.flow.01";
    uint8_t bytes[48] = {0};
    const bool ports = !protocol_is_icmp(headers->protocol);
    store_endpoint(bytes + (from_second ? 18 : 0), headers->source,
                   ports ? headers->source_port : 0);
    store_endpoint(bytes + (from_second ? 0 : 18), headers->destination,
                   ports ? headers->destination_port : 0);
    bytes[36] = headers->protocol;
    store64(bytes + 40, c->sample.label.sample_id, false);
    return hash_siphash(key, bytes, sizeof bytes);
}

static void set_places(struct array_packet *made, const struct lcap_packet *packet,
                       const struct packet_headers *headers)
{
    const uint32_t network = (uint32_t)(headers->ip - packet->data);
    const uint32_t end = network + headers->ip_captured;
    const uint32_t transport = network + headers->ip_header_len;
    const uint32_t payload = transport + headers->transport_len;
    const bool has_payload = !headers->unknown_lengths && payload < end;
    made->network = network;
    made->transport = transport;
    made->payload = has_payload ? payload : end;
    made->end = has_payload ? payload + headers->payload_captured : end;
}

static void find_server_name(struct array_packet *made, const struct lcap_packet *packet,
                             const struct packet_headers *headers)
{
    const char *name;
    size_t len;
    if (!tls_hello_server_name(headers, &name, &len))
        return;
    made->server_name = (uint32_t)((const uint8_t *)name - packet->data);
    made->server_name_len = (uint32_t)len;
}

/* All but its direction. */
static void describe(const struct array_collector *c, const struct lcap_packet *packet,
                     const struct packet_headers *headers, int64_t time_ns,
                     struct array_packet *made)
{
    *made = (struct array_packet){
        .data = (uint8_t *)packet->data, /* only looked at */
        .len = packet->len,
        .linktype = packet->interface->linktype,
        .family = headers->family,
        .protocol = headers->protocol,
        .has_transport = headers->has_transport,
        .encapsulated = headers->encapsulated,
        .time_ns = time_ns,
    };
    set_places(made, packet, headers);
    if (c->settings->mask.fields & 1u << MASK_SNI)
        find_server_name(made, packet, headers);
    if (c->settings->mask.random)
        made->flow_hash = flow_hash(c, headers);
    const uint32_t reach = c->settings->form->reach(c->settings, made);
    made->captured = reach < packet->caplen ? reach : packet->caplen;
}

/* Whether the form takes the packet, which is counted if not. */
static bool is_taken(struct array_collector *c, const struct array_packet *packet)
{
    const struct array_form *form = c->settings->form;
    const bool taken = !form->takes || form->takes(c->settings, packet);
    c->counts.skipped[LCAP_SKIP_PROFILE] += !taken;
    return taken;
}

static size_t padding_of(const struct array_packet *packet)
{
    return ARRAY_PADDED(packet->captured) - packet->captured;
}

static const uint8_t zeros[8];

static int keep(struct array_collector *c, struct chain *chain, const struct array_packet *packet,
                struct lcap_error *error)
{
    int rc = chains_append(c->chains, chain, packet, sizeof *packet, error);
    if (rc == LCAP_OK)
        rc = chains_append(c->chains, chain, packet->data, packet->captured, error);
    return rc == LCAP_OK ? chains_append(c->chains, chain, zeros, padding_of(packet), error) : rc;
}

/* Adds a packet to those of a row. */
static int add(struct array_collector *c, struct kept_packets *kept,
               const struct array_packet *packet, struct lcap_error *error)
{
    kept->total++;
    if (kept->count >= c->settings->packets)
        return LCAP_OK;
    kept->count++;
    return c->sink ? keep(c, &kept->chain, packet, error) : LCAP_OK;
}

/* Whether the row has all its packets, and so only counts those that follow. */
static bool only_counts(const struct array_collector *c, const struct kept_packets *kept)
{
    return kept->count >= c->settings->packets && !c->settings->form->takes;
}

/* ---- rows ---- */

/* Sets what all rows of the sample have in common. */
static void set_sample(const struct array_collector *c, struct array_row *row)
{
    row->sample_id = c->sample.label.sample_id;
    row->output = c->sample.output;
    row->label = c->sample.number;
    row->label_len = (uint32_t)c->sample.label.metadata_len;
    row->label_text = c->sample.label.metadata;
}

static int copy_chain(struct array_collector *c, const struct chain *chain, struct buffer *to,
                      struct lcap_error *error)
{
    struct chain_reader reader;
    const uint8_t *bytes;
    size_t len;
    int rc = chain_reader_begin(&reader, c->chains, chain, error);
    while (rc >= 0 && (rc = chain_reader_view(&reader, SIZE_MAX, &bytes, &len, error)) == 1)
        rc = buffer_append(to, bytes, len, error);
    return rc;
}

/* A row of these packets. */
static int emit_kept(struct array_collector *c, struct array_row *row,
                     const struct kept_packets *kept, struct lcap_error *error)
{
    row->total = kept->total;
    row->count = kept->count;
    if (row->total == 0)
        return LCAP_OK;
    if (row->total < c->settings->min_packets) {
        c->counts.few++;
        return LCAP_OK;
    }
    c->counts.rows++;
    if (!c->sink)
        return LCAP_OK;
    set_sample(c, row);
    int rc = array_sink_begin(c->sink, error);
    if (rc == LCAP_OK)
        rc = array_batch_add(c->sink->batch, row, error);
    return rc == LCAP_OK ? copy_chain(c, &kept->chain, &c->sink->batch->packed, error) : rc;
}

static int emit_packet(struct array_collector *c, uint64_t flow, struct array_packet *packet,
                       struct lcap_error *error)
{
    struct array_row row = {.flow = flow, .total = 1, .count = 1, .packets = packet};
    c->counts.rows++;
    if (!c->sink)
        return LCAP_OK;
    set_sample(c, &row);
    return array_sink_add(c->sink, &row, error);
}

/* ---- flows ---- */

static int take_flow_packet(void *context, struct flow *flow, const struct flow_packet *taken,
                            struct lcap_error *error)
{
    struct array_collector *c = context;
    struct kept_packets *kept = flow_state(flow);
    c->flows += flow->packets == 0;
    if (only_counts(c, kept)) {
        kept->total++;
        return LCAP_OK;
    }
    struct array_packet packet;
    describe(c, taken->packet, taken->headers, taken->time_ns, &packet);
    packet.from_second = taken->forward == flow->forward_is_second;
    packet.forward = taken->forward;
    if (!is_taken(c, &packet))
        return LCAP_OK;
    if (c->settings->per == ARRAY_PER_PACKET)
        return emit_packet(c, flow->number - c->sample_flows, &packet, error);
    return add(c, kept, &packet, error);
}

static int note_ended(struct array_collector *c, const struct flow *flow, struct lcap_error *error)
{
    const struct overlap_flow ended = overlap_flow_of(flow, c->sample.label.sample_id);
    uint8_t bytes[OVERLAP_FLOW_LEN];
    if (!c->keeps_flows)
        return array_overlaps_add(&c->overlaps, &ended, error);
    overlap_flow_store(&ended, bytes);
    return chains_append(c->chains, &c->flows_kept, bytes, sizeof bytes, error);
}

static int flow_ended(void *context, struct flow *flow, struct lcap_error *error)
{
    struct array_collector *c = context;
    struct array_row row = {
        .flow = flow->number - c->sample_flows,
        .forward_is_second = flow->forward_is_second,
    };
    if (c->settings->per != ARRAY_PER_FLOW)
        return LCAP_OK;
    const int rc = emit_kept(c, &row, flow_state(flow), error);
    return rc == LCAP_OK ? note_ended(c, flow, error) : rc;
}

static void release_flow(void *context, struct flow *flow)
{
    const struct array_collector *c = context;
    chains_drop(c->chains, &((struct kept_packets *)flow_state(flow))->chain);
}

/* ---- samples ---- */

static int take_sample_packet(struct array_collector *c, const struct lcap_packet *taken,
                              const struct packet_headers *headers, struct lcap_error *error)
{
    const int64_t time_ns = taken->has_time ? taken->time_ns : c->last_ns;
    c->last_ns = time_ns;
    if (only_counts(c, &c->kept)) {
        c->kept.total++;
        return LCAP_OK;
    }
    struct array_packet packet;
    describe(c, taken, headers, time_ns, &packet);
    packet.from_second = is_from_second(headers);
    if (!is_taken(c, &packet))
        return LCAP_OK;
    if (c->kept.total == 0)
        memcpy(c->first_source, headers->source, sizeof c->first_source);
    packet.forward = memcmp(c->first_source, headers->source, sizeof c->first_source) == 0;
    return add(c, &c->kept, &packet, error);
}

static int sample_ended(struct array_collector *c, struct lcap_error *error)
{
    struct array_row row = {.flow = 0};
    const int rc = emit_kept(c, &row, &c->kept, error);
    chains_drop(c->chains, &c->kept.chain);
    c->kept = (struct kept_packets){.total = 0};
    c->last_ns = 0;
    return rc;
}

/* ---- the whole ---- */

/* One number for all samples: each is a stream of its own. */
enum { THE_SAMPLE = 0 };

static int take_joining(void *context, const struct joining *joining, struct lcap_error *error)
{
    struct array_collector *c = context;
    if (joining->skip != LCAP_SKIP_NONE)
        c->counts.skipped[joining->skip]++;
    else if (joining->headers->family == FAMILY_ARP)
        c->counts.arp++;
    else if (c->settings->per == ARRAY_PER_SAMPLE)
        return take_sample_packet(c, joining->packet, joining->headers, error);
    else
        return assembler_packet(c->assembler, joining->packet, joining->headers, THE_SAMPLE, error);
    return LCAP_OK;
}

int array_collector_init(struct array_collector *c, const struct array_settings *settings,
                         struct array_sink *sink, uint64_t memory, const char *directory,
                         struct lcap_error *error)
{
    const struct assembler_rules rules = {.idle_ns = FLOW_IDLE_NS, .max_flows = MOST_OPEN_FLOWS};
    const struct flow_measure measure = {
        .state_size = sizeof(struct kept_packets),
        .packet = take_flow_packet,
        .ended = flow_ended,
        .release = release_flow,
    };
    *c = (struct array_collector){.settings = settings, .sink = sink, .directory = directory};
    c->wait.parser.inner_tunnels = settings->inner_tunnels;
    c->wait.function = take_joining;
    c->wait.context = c;
    const int rc = chains_new(&c->chains, memory, directory, error);
    return rc == LCAP_OK ? assembler_new(&c->assembler, &rules, &measure, c, error) : rc;
}

void array_collector_begin(struct array_collector *c, const struct array_sample *sample)
{
    c->sample = *sample;
    c->sample_flows = c->flows;
    header_parser_release(&c->wait.parser); /* fragments of another sample are none of its own */
    c->counts.samples++;
}

int array_collector_packet(struct array_collector *c, const struct lcap_packet *packet,
                           const struct parsed_packet *parsed, struct lcap_error *error)
{
    c->counts.packets++;
    const int rc = parsed ? fragment_wait_parsed(&c->wait, packet, parsed, THE_SAMPLE, error)
                          : fragment_wait_packet(&c->wait, packet, THE_SAMPLE, error);
    return rc < 0 ? rc : LCAP_OK;
}

int array_collector_end(struct array_collector *c, struct lcap_error *error)
{
    int rc = fragment_wait_end(&c->wait, error);
    if (rc < 0)
        return rc;
    rc = c->settings->per == ARRAY_PER_SAMPLE ? sample_ended(c, error)
                                              : assembler_finish(c->assembler, error);
    assembler_count(c->assembler, &c->flow_counts);
    c->counts.ended_early = c->flow_counts.evicted;
    return rc;
}

int array_collector_read_flows(struct array_collector *c, struct chain_reader *reader,
                               struct lcap_error *error)
{
    return chain_reader_begin(reader, c->chains, &c->flows_kept, error);
}

void array_collector_restart(struct array_collector *c)
{
    c->counts = (struct array_counts){.samples = 0};
    c->flow_counts = (struct lcap_flow_counts){.peak_flows = 0};
    chains_drop(c->chains, &c->flows_kept);
}

static int join_flows(struct array_collector *c, struct array_collector *other,
                      struct lcap_error *error)
{
    uint8_t bytes[OVERLAP_FLOW_LEN];
    struct chain_reader reader;
    int rc = array_collector_read_flows(other, &reader, error);
    for (uint64_t left = other->flows_kept.len; rc == LCAP_OK && left > 0; left -= sizeof bytes) {
        rc = chain_reader_copy(&reader, bytes, sizeof bytes, error);
        const struct overlap_flow flow = overlap_flow_load(bytes);
        if (rc == LCAP_OK)
            rc = array_overlaps_add(&c->overlaps, &flow, error);
    }
    return rc;
}

int array_collector_join(struct array_collector *c, struct array_collector *other,
                         struct lcap_error *error)
{
    array_counts_add(&c->counts, &other->counts);
    c->flow_counts.evicted += other->flow_counts.evicted;
    return join_flows(c, other, error);
}

void array_collector_release(struct array_collector *c)
{
    fragment_wait_release(&c->wait);
    assembler_free(c->assembler);
    array_overlaps_release(&c->overlaps);
    chains_free(c->chains);
}
