/* Fills batches of events for the lanes, and takes the rows that they make of them. */
#include "base/memory.h"
#include "features/flow_lanes_internal.h"
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_EVENTS = 4096,   /* about: so many that flows often have several, … */
    LEAST_EVENTS = 64,     /* of a lane */
    BATCH_ENDS = 512,      /* … but not too many rows wait */
    BATCH_BYTES = 1 << 20, /* bytes after which a batch is full */
};

/* The state of a flow of the assembler. */
struct place {
    struct flow *twin; /* the flow as its lane has it; NULL: no packet yet */
    uint64_t batch;    /* the number of the last one with an event of the flow, … */
    uint16_t last;     /* and that event */
    uint16_t lane;
};

static struct place *place_of(const struct flow *flow)
{
    return flow_state(flow);
}

/* The end of the pipeline */

static int first_failure(const struct batch *batch, struct lcap_error *error)
{
    for (unsigned i = 0; i < batch->lanes; i++)
        if (batch->shares[i].status < 0) {
            lcap_error_copy(error, &batch->shares[i].error);
            return batch->shares[i].status;
        }
    return LCAP_OK;
}

static int take_rows(const struct flow_lanes *lanes, const struct batch *batch,
                     struct lcap_error *error)
{
    int rc = first_failure(batch, error);
    for (size_t i = 0; i < batch->end_count && rc == LCAP_OK; i++) {
        const struct end_event *end = &batch->ends[i];
        const struct share *share = &batch->shares[end->lane];
        rc = lanes->measure.take(lanes->measure.context, share->rows.data + end->row_at,
                                 end->row_len, error);
    }
    return rc;
}

static void take_batch(void *context, void *buffer)
{
    struct flow_lanes *lanes = context;
    if (!atomic_load(&lanes->failed)) {
        lanes->status = take_rows(lanes, buffer, &lanes->error);
        if (lanes->status < 0)
            atomic_store(&lanes->failed, true);
    }
}

/* The caller */

static void empty(struct batch *batch)
{
    batch->end_count = 0;
    batch->full = false;
    buffer_clear(&batch->bytes);
    for (unsigned i = 0; i < batch->lanes; i++) {
        struct share *share = &batch->shares[i];
        buffer_clear(&share->rows);
        share->count = 0;
        share->first = share->last = NO_EVENT;
        share->status = LCAP_OK;
    }
}

static void reuse_flows(struct flow_lanes *lanes, const struct batch *batch)
{
    for (size_t i = 0; i < batch->end_count; i++) {
        struct flow *twin = batch->ends[i].twin;
        twin->newer = lanes->unused;
        lanes->unused = twin;
    }
}

/* For each lane, somewhat more than its part. */
static unsigned events_for(unsigned lanes)
{
    return BATCH_EVENTS / lanes * 3 / 2 + LEAST_EVENTS;
}

static int prepare(struct batch *batch, unsigned lanes, struct lcap_error *error)
{
    if (batch->events) {
        empty(batch);
        return LCAP_OK;
    }
    const size_t each = events_for(lanes);
    batch->shares = memory_new(lanes, sizeof *batch->shares, error);
    if (!batch->shares)
        return LCAP_ERR_MEMORY;
    batch->ends = memory_new(BATCH_ENDS, sizeof *batch->ends, error);
    if (batch->ends)
        batch->events = memory_new(lanes * each, sizeof *batch->events, error);
    if (!batch->events)
        return LCAP_ERR_MEMORY;
    batch->lanes = lanes;
    for (unsigned i = 0; i < lanes; i++)
        batch->shares[i].events = batch->events + i * each;
    empty(batch);
    return LCAP_OK;
}

static void release_batch(void *buffer)
{
    struct batch *batch = buffer;
    for (unsigned i = 0; i < batch->lanes; i++)
        buffer_release(&batch->shares[i].rows);
    for (size_t i = 0; i < batch->end_count; i++)
        free(batch->ends[i].twin);
    buffer_release(&batch->bytes);
    free(batch->shares);
    free(batch->ends);
    free(batch->events);
}

static int take_blank(struct flow_lanes *lanes, struct lcap_error *error)
{
    struct batch *batch = pipeline_blank(lanes->pipeline);
    lanes->number++;
    reuse_flows(lanes, batch);
    const int rc = prepare(batch, lanes->measure.lanes, error);
    lanes->batch = rc == LCAP_OK ? batch : NULL;
    return rc;
}

int flow_lanes_new(struct flow_lanes **lanes, const struct lane_measure *measure,
                   struct lcap_error *error)
{
    struct flow_lanes *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->measure = *measure;
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct batch),
        .threads = measure->threads,
        .start = PIPELINE_START,
        .context = new,
        .lane = flow_lanes_replay,
        .lanes = measure->lanes,
        .last = take_batch,
        .release = release_batch,
    };
    int rc = pipeline_new(&new->pipeline, &plan, error);
    if (rc == LCAP_OK)
        rc = take_blank(new, error);
    if (rc == LCAP_OK)
        *lanes = new;
    else
        flow_lanes_free(new);
    return rc;
}

size_t flow_lanes_state_size(void)
{
    return sizeof(struct place);
}

/* Where the next event of the flow is chained: a lane replays those of a flow one after another,
 * while its memory is in the cache. */
static uint16_t *link_after(struct share *share, const struct place *place, bool follows)
{
    if (follows)
        return &share->events[place->last].next;
    return share->first == NO_EVENT ? &share->first : &share->events[share->last].next;
}

static struct event *add_event(struct flow_lanes *lanes, struct place *place, enum event_kind kind)
{
    struct batch *batch = lanes->batch;
    struct share *share = &batch->shares[place->lane];
    const uint16_t number = share->count++;
    struct event *event = &share->events[number];
    uint16_t *link = link_after(share, place, place->batch == lanes->number);
    event->flow = place->twin;
    event->next = *link;
    event->kind = (uint8_t)kind;
    *link = number;
    if (event->next == NO_EVENT)
        share->last = number;
    place->batch = lanes->number;
    place->last = number;
    /* Room is left for a flip and what comes after it. */
    batch->full |= share->count + 2u > events_for(batch->lanes);
    return event;
}

static bool is_full(const struct batch *batch)
{
    return batch->full || batch->end_count == BATCH_ENDS || batch->bytes.len >= BATCH_BYTES;
}

static int failure_of(struct flow_lanes *lanes, struct lcap_error *error)
{
    if (!atomic_load(&lanes->failed))
        return LCAP_OK;
    lcap_error_copy(error, &lanes->error);
    return lanes->status;
}

static int submit(struct flow_lanes *lanes, struct lcap_error *error)
{
    pipeline_submit(lanes->pipeline);
    const int rc = take_blank(lanes, error);
    return rc == LCAP_OK ? failure_of(lanes, error) : rc;
}

static int submit_if_full(struct flow_lanes *lanes, struct lcap_error *error)
{
    return is_full(lanes->batch) ? submit(lanes, error) : LCAP_OK;
}

static struct flow *take_twin(struct flow_lanes *lanes, struct lcap_error *error)
{
    struct flow *twin = lanes->unused;
    if (!twin)
        return memory_new(1, flow_size(lanes->measure.state_size), error);
    lanes->unused = twin->newer;
    return twin;
}

static int begin(struct flow_lanes *lanes, const struct flow *flow, struct place *place,
                 struct lcap_error *error)
{
    place->twin = take_twin(lanes, error);
    if (!place->twin)
        return LCAP_ERR_MEMORY;
    place->lane = (uint16_t)(flow->number % lanes->measure.lanes);
    *place->twin = *flow;
    return LCAP_OK;
}

/* Measures read payload that is wanted, and the options of a SYN. */
static bool needs_bytes(const struct flow_lanes *lanes, const struct packet_headers *headers)
{
    return (headers->tcp_flags & TCP_SYN) ||
           (lanes->measure.payload_bytes > 0 && headers->payload_captured > 0);
}

/* Copies what is needed of the packet, where the lane finds it. */
static int keep_bytes(const struct flow_lanes *lanes, const struct packet_headers *headers,
                      struct lcap_error *error)
{
    struct buffer *bytes = &lanes->batch->bytes;
    const uint32_t wanted = lanes->measure.payload_bytes, captured = headers->payload_captured;
    struct kept_bytes kept = {
        .payload_at = headers->payload ? (uint32_t)(headers->payload - headers->ip)
                                       : (uint32_t)headers->ip_header_len + headers->transport_len,
        .payload_len = captured < wanted ? captured : wanted,
    };
    const uint64_t end = (uint64_t)kept.payload_at + kept.payload_len;
    kept.len = headers->ip_captured < end ? headers->ip_captured : (uint32_t)end;
    const int rc = buffer_append(bytes, &kept, sizeof kept, error);
    return rc == LCAP_OK ? buffer_append(bytes, headers->ip, kept.len, error) : rc;
}

static int add_packet(struct flow_lanes *lanes, struct place *place,
                      const struct flow_packet *packet, struct lcap_error *error)
{
    const struct packet_headers *headers = packet->headers;
    const uint32_t bytes_at =
        needs_bytes(lanes, headers) ? (uint32_t)lanes->batch->bytes.len : NO_BYTES;
    const int rc = bytes_at == NO_BYTES ? LCAP_OK : keep_bytes(lanes, headers, error);
    if (rc < 0)
        return rc;
    struct event *event = add_event(lanes, place, EVENT_PACKET);
    event->forward = packet->forward;
    event->time_ns = packet->time_ns;
    event->packet.len = packet->packet->len;
    event->packet.bytes_at = bytes_at;
    memcpy(event->packet.measured, (const uint8_t *)headers + MEASURED_AT, MEASURED_LEN);
    return LCAP_OK;
}

int flow_lanes_packet(struct flow_lanes *lanes, struct flow *flow, const struct flow_packet *packet,
                      struct lcap_error *error)
{
    struct place *place = place_of(flow);
    int rc = place->twin ? LCAP_OK : begin(lanes, flow, place, error);
    if (rc == LCAP_OK)
        rc = add_packet(lanes, place, packet, error);
    return rc == LCAP_OK ? submit_if_full(lanes, error) : rc;
}

void flow_lanes_flip(struct flow_lanes *lanes, struct flow *flow)
{
    struct place *place = place_of(flow);
    if (place->twin)
        add_event(lanes, place, EVENT_FLIP);
}

int flow_lanes_ended(struct flow_lanes *lanes, struct flow *flow, const struct sample *sample,
                     struct lcap_error *error)
{
    struct place *place = place_of(flow);
    struct batch *batch = lanes->batch;
    struct end_event *end = &batch->ends[batch->end_count];
    add_event(lanes, place, EVENT_END)->end = (uint32_t)batch->end_count++;
    end->flow = *flow;
    end->twin = place->twin;
    end->lane = place->lane;
    end->sample = *sample;
    place->twin = NULL;
    return submit_if_full(lanes, error);
}

void flow_lanes_release(struct flow_lanes *lanes, struct flow *flow)
{
    struct place *place = place_of(flow);
    if (place->twin)
        flow_lanes_release_twin(lanes, place->twin);
    free(place->twin);
}

int flow_lanes_wait(struct flow_lanes *lanes, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (lanes->batch)
        rc = submit(lanes, error);
    pipeline_finish(lanes->pipeline);
    return rc == LCAP_OK ? failure_of(lanes, error) : rc;
}

void flow_lanes_stop(struct flow_lanes *lanes)
{
    if (!lanes)
        return;
    atomic_store(&lanes->failed, true);
    flow_lanes_wait(lanes, NULL);
}

void flow_lanes_free(struct flow_lanes *lanes)
{
    if (!lanes)
        return;
    if (lanes->pipeline)
        flow_lanes_stop(lanes);
    pipeline_free(lanes->pipeline);
    for (struct flow *twin = lanes->unused, *next; twin; twin = next) {
        next = twin->newer;
        free(twin);
    }
    free(lanes);
}
