/*
 * Fuzz target: any bytes as a capture, through the header parser and the assembler.
 * All pointers of the headers must lie in the packet; each packet must come back
 * in one flow, fragments that wait too; each flow must end once and be released once.
 *
 * Input: link type, options, idle and active time-out, then packets: a step of time
 * (or the end of a stream), bytes that were not captured, 2 bytes of length and
 * sample, the frame.
 */
#include "features/flow_feed.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP_NS      INT64_C(500000000)
#define NO_TIME      (-128)
#define STREAM_END   127
#define LATEST       126
#define EARLIEST     (-127)
#define MOST_PACKETS 4096

struct state {
    uint64_t packets;
    int64_t least_ns, greatest_ns;
    bool flow_ended;
    char *owned; /* so that a sanitizer sees a missing or second release */
};

struct totals {
    uint64_t packets_in, packets_out, begun, ended, released, numbers;
    struct lcap_flow_counts counts;
};

struct input {
    const uint8_t *at, *end;
};

static volatile uint8_t sink;

static void require(bool good)
{
    if (!good)
        abort();
}

/* 0 once the input is used up. */
static uint8_t take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static uint16_t take16(struct input *in)
{
    const uint8_t low = take(in);
    return (uint16_t)(take(in) << 8 | low);
}

static int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                          struct lcap_error *error)
{
    struct totals *totals = context;
    struct state *state = flow_state(flow);
    (void)error;
    if (state->packets++ == 0) {
        totals->begun++;
        require(flow->number == totals->numbers++);
        state->owned = malloc(1);
        state->least_ns = state->greatest_ns = packet->time_ns;
    }
    require(!state->flow_ended);
    require(flow->first_ns == state->least_ns && flow->last_ns == state->greatest_ns);
    if (packet->time_ns < state->least_ns)
        state->least_ns = packet->time_ns;
    if (packet->time_ns > state->greatest_ns)
        state->greatest_ns = packet->time_ns;
    const int source = packet->forward ? flow_source(flow) : !flow_source(flow);
    require(memcmp(flow->key.address[source], packet->headers->source, 16) == 0);
    require(flow->key.port[source] == packet->headers->source_port);
    return LCAP_OK;
}

static int measure_ended(void *context, struct flow *flow, struct lcap_error *error)
{
    struct totals *totals = context;
    struct state *state = flow_state(flow);
    (void)error;
    require(flow->end >= FLOW_END_IDLE && flow->end <= FLOW_END_NO_MORE);
    require(flow->first_ns == state->least_ns && flow->last_ns == state->greatest_ns);
    require(!state->flow_ended && state->packets > 0);
    state->flow_ended = true;
    totals->packets_out += state->packets;
    totals->ended++;
    return LCAP_OK;
}

static void measure_release(void *context, struct flow *flow)
{
    struct totals *totals = context;
    struct state *state = flow_state(flow);
    free(state->owned);
    totals->released++;
}

static void init_feed(struct flow_feed *feed, struct input *in, uint8_t options,
                      struct totals *totals)
{
    static const struct flow_measure measure = {
        .state_size = sizeof(struct state),
        .packet = measure_packet,
        .ended = measure_ended,
        .release = measure_release,
    };
    const struct lcap_flow_options rules = {
        .unidirectional = options & 1,
        .inner_tunnels = options & 2,
        .max_flows = options >> 4,
        .idle_ns = take(in) * STEP_NS,
        .active_ns = take(in) * STEP_NS,
    };
    require(flow_feed_init(feed, &rules, &measure, totals, NULL) == LCAP_OK);
}

/* Every byte lies in the packet and can be read. */
static void check_bytes(const struct lcap_packet *packet, const uint8_t *bytes, uint32_t len)
{
    if (!bytes || len == 0)
        return;
    require(bytes >= packet->data && bytes <= packet->data + packet->caplen);
    require(len <= (size_t)(packet->data + packet->caplen - bytes));
    for (uint32_t i = 0; i < len; i++)
        sink ^= bytes[i];
}

static void check_headers(const struct lcap_packet *packet, const struct packet_headers *headers)
{
    check_bytes(packet, headers->ip, headers->ip_captured);
    check_bytes(packet, headers->payload, headers->payload_captured);
    require(headers->payload_captured <= headers->payload_len);
    require(headers->ip_captured <= headers->ip_len);
    require(headers->family == FAMILY_ARP || headers->family == FAMILY_IPV4 ||
            headers->family == FAMILY_IPV6);
    (void)packet_is_dns(headers);
}

static void set_time(struct lcap_packet *packet, int8_t step, int64_t *now_ns)
{
    packet->has_time = step != NO_TIME;
    if (step == LATEST || step == EARLIEST)
        packet->time_ns = step == LATEST ? INT64_MAX : INT64_MIN;
    else
        packet->time_ns = packet->has_time ? (*now_ns += step * STEP_NS) : INT64_MIN;
}

/* A copy of the frame, just as long as it, so that a sanitizer sees a read past its end. */
static uint8_t *take_frame(struct input *in, size_t len)
{
    uint8_t *frame = malloc(len ? len : 1);
    require(frame);
    if (len > 0)
        memcpy(frame, in->at, len);
    in->at += len;
    return frame;
}

/* `parser` sees the same packets as that of the feed. */
static void run_packet(struct input *in, struct header_parser *parser, struct flow_feed *feed,
                       struct lcap_packet *packet, struct totals *totals)
{
    struct packet_headers headers;
    const uint32_t missing = take(in);
    const uint32_t both = take16(in);
    const uint32_t sample = both >> 14;
    size_t len = both & 0x3FFF;
    if (len > (size_t)(in->end - in->at))
        len = (size_t)(in->end - in->at);
    uint8_t *frame = take_frame(in, len);
    packet->data = frame;
    packet->caplen = (uint32_t)len;
    packet->len = packet->caplen + missing;
    if (packet_headers_parse(parser, packet, &headers) == LCAP_SKIP_NONE)
        check_headers(packet, &headers);
    totals->packets_in++;
    require(flow_feed_packet(feed, packet, sample == 3 ? NO_SAMPLE : sample, &totals->counts,
                             NULL) == LCAP_OK);
    free(frame);
}

static void end_stream(struct flow_feed *feed, struct totals *totals)
{
    require(flow_feed_finish(feed, &totals->counts, NULL) == LCAP_OK);
    uint64_t skipped = 0;
    for (int reason = 0; reason < LCAP_SKIP_REASONS; reason++)
        skipped += totals->counts.skipped[reason];
    require(totals->packets_out == totals->counts.in_flows);
    require(totals->counts.in_flows + skipped == totals->packets_in);
    require(totals->ended == totals->begun && totals->released == totals->begun);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {.at = data, .end = data + size};
    struct lcap_interface interface = {.fcs_len = -1};
    struct lcap_packet packet = {.interface = &interface, .drops = LCAP_NO_DROPS};
    struct totals totals = {0};
    interface.linktype = take16(&in);
    const uint8_t options = take(&in);
    struct header_parser parser = {.inner_tunnels = options & 2};
    struct flow_feed feed = {0};
    init_feed(&feed, &in, options, &totals);
    int64_t now_ns = 0;
    for (int i = 0; i < MOST_PACKETS && in.at < in.end; i++) {
        const int8_t step = (int8_t)take(&in);
        if (step == STREAM_END) {
            end_stream(&feed, &totals);
            now_ns = 0;
            continue;
        }
        set_time(&packet, step, &now_ns);
        run_packet(&in, &parser, &feed, &packet, &totals);
    }
    if (!(options & 4))
        end_stream(&feed, &totals);
    require(options >> 4 == 0 || totals.counts.peak_flows <= (uint64_t)(options >> 4));
    flow_feed_release(&feed);
    header_parser_release(&parser);
    require(totals.released == totals.begun);
    return 0;
}
