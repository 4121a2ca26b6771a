/* Batches of events, which each lane replays for its flows. */
#include "features/flow_lanes.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include <stdatomic.h>
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

enum event_kind { EVENT_PACKET, EVENT_FLIP, EVENT_END };

/* What is measured of the headers of a packet: where it goes, and its bytes, are elsewhere. */
enum {
    MEASURED_AT = offsetof(struct packet_headers, ip_len),
    MEASURED_LEN = offsetof(struct packet_headers, tcp_known) + 1 - MEASURED_AT,
};

struct packet_event {
    uint32_t len;
    uint32_t bytes_at; /* in the bytes of the batch: struct kept_bytes; or NO_BYTES */
    uint8_t measured[MEASURED_LEN];
};

/* Of an IP packet whose bytes are needed; they follow. */
struct kept_bytes {
    uint32_t len, payload_at, payload_len;
};

#define NO_BYTES UINT32_MAX

struct end_event {
    struct flow flow; /* its last facts */
    struct flow *twin;
    unsigned lane;
    struct sample sample;
    size_t row_at, row_len; /* in the rows of its lane */
};

/* The fewer bytes, the less another core has to fetch. */
struct event {
    struct flow *flow; /* of its lane */
    int64_t time_ns;   /* of a packet */
    uint16_t next;     /* of the same lane; NO_EVENT */
    uint8_t kind;      /* enum event_kind */
    bool forward;
    union {
        struct packet_event packet;
        uint32_t end; /* in the ends of the batch */
    };
};

#define CACHE_LINE 64

_Static_assert(sizeof(struct event) <= CACHE_LINE, "one line of a cache");

#define NO_EVENT UINT16_MAX

/* What a lane has in a batch. */
struct share {
    struct event *events; /* as many as the batch has for each lane */
    uint16_t count;
    uint16_t first, last;
    struct buffer rows;
    int status;
    struct lcap_error error;
};

struct batch {
    struct share *shares; /* one for each lane */
    unsigned lanes;
    struct event *events;   /* of all lanes */
    struct end_event *ends; /* BATCH_ENDS; apart, because they are larger than packets and few */
    size_t end_count;
    bool full;           /* a lane has hardly room for more events */
    struct buffer bytes; /* of packets */
};

struct flow_lanes {
    struct lane_measure measure;
    struct pipeline *pipeline;
    struct batch *batch; /* that the caller fills; NULL: none yet */
    uint64_t number;     /* of that batch, from 1 on */
    struct flow *unused; /* twins that have ended, with zeroed states; chained by ->newer */
    int status;          /* the first failure: written before `failed` is set */
    struct lcap_error error;
    atomic_bool failed;
};

static struct place *place_of(const struct flow *flow)
{
    return flow_state(flow);
}

static void release(const struct flow_lanes *lanes, struct flow *twin)
{
    if (lanes->measure.release)
        lanes->measure.release(lanes->measure.context, twin);
}

/* The lanes */

static void find_bytes(const struct batch *batch, const struct packet_event *event,
                       struct packet_headers *headers)
{
    struct kept_bytes kept = {0};
    if (event->bytes_at != NO_BYTES) {
        memcpy(&kept, batch->bytes.data + event->bytes_at, sizeof kept);
        headers->ip = batch->bytes.data + event->bytes_at + sizeof kept;
    }
    headers->ip_captured = kept.len;
    headers->payload_captured = kept.payload_len;
    headers->payload = kept.payload_len > 0 ? headers->ip + kept.payload_at : NULL;
}

static int replay_packet(const struct flow_lanes *lanes, const struct batch *batch,
                         const struct event *event, struct lcap_error *error)
{
    const struct packet_event *at = &event->packet;
    struct packet_headers headers;
    memset(&headers, 0, MEASURED_AT);
    memcpy((uint8_t *)&headers + MEASURED_AT, at->measured, MEASURED_LEN);
    find_bytes(batch, at, &headers);
    const struct lcap_packet packet = {.len = at->len};
    const struct flow_packet joins = {
        .headers = &headers,
        .packet = &packet,
        .time_ns = event->time_ns,
        .forward = event->forward,
    };
    const int rc = lanes->measure.packet(lanes->measure.context, event->flow, &joins, error);
    flow_note_time(event->flow, event->time_ns);
    return rc;
}

static void replay_flip(const struct flow_lanes *lanes, struct flow *flow)
{
    flow->forward_is_second = !flow->forward_is_second;
    if (lanes->measure.flip)
        lanes->measure.flip(lanes->measure.context, flow);
}

static int replay_end(const struct flow_lanes *lanes, const struct batch *batch,
                      const struct event *event, struct share *share, struct lcap_error *error)
{
    struct end_event *end = &batch->ends[event->end];
    *event->flow = end->flow;
    end->row_at = share->rows.len;
    const int rc = lanes->measure.make(lanes->measure.context, event->flow, &end->sample, end->lane,
                                       &share->rows, error);
    end->row_len = share->rows.len - end->row_at;
    return rc;
}

static int replay(const struct flow_lanes *lanes, const struct batch *batch,
                  const struct event *event, struct share *share)
{
    switch (event->kind) {
    case EVENT_PACKET:
        return replay_packet(lanes, batch, event, &share->error);
    case EVENT_FLIP:
        replay_flip(lanes, event->flow);
        return LCAP_OK;
    case EVENT_END:
        break;
    }
    return replay_end(lanes, batch, event, share, &share->error);
}

/* For its next use; here, where its memory is in the cache. */
static void clear(const struct flow_lanes *lanes, struct flow *twin)
{
    release(lanes, twin);
    memset(flow_state(twin), 0, lanes->measure.state_size);
}

/* What another core had is brought while there is something else to do. */
static void fetch(const void *memory, size_t len)
{
    const char *at = memory;
    for (size_t i = 0; i < len; i += CACHE_LINE)
        __builtin_prefetch(at + i);
}

static void fetch_next(const struct flow_lanes *lanes, const struct share *share,
                       const struct event *event)
{
    const struct flow *next =
        event->next == NO_EVENT ? event->flow : share->events[event->next].flow;
    if (next != event->flow)
        fetch(next, flow_size(lanes->measure.state_size));
}

/* After a failure, flows are only released. */
static void run_lane(void *context, void *buffer, unsigned lane)
{
    struct flow_lanes *lanes = context;
    struct batch *batch = buffer;
    struct share *share = &batch->shares[lane];
    fetch(share->events, share->count * sizeof *share->events);
    for (unsigned i = share->first; i != NO_EVENT; i = share->events[i].next) {
        const struct event *event = &share->events[i];
        fetch_next(lanes, share, event);
        if (share->status == LCAP_OK && !atomic_load(&lanes->failed))
            share->status = replay(lanes, batch, event, share);
        if (event->kind == EVENT_END)
            clear(lanes, event->flow);
    }
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
        .lane = run_lane,
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

/* Copies what is needed of the packet, where find_bytes() finds it. */
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
        release(lanes, place->twin);
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
