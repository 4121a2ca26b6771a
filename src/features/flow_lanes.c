/* Batches of events, which each lane replays for its flows. */
#include "features/flow_lanes.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_EVENTS = 1024,   /* so that a few batches stay in the cache of a core */
    BATCH_ENDS = 512,      /* so that not too many rows wait */
    BATCH_BYTES = 1 << 20, /* bytes after which a batch is full */
};

/* A flow as its lane has it; the assembler's has a pointer to it as its state. */
struct record {
    unsigned lane;
    _Alignas(max_align_t) uint8_t flow[];
};

enum event_kind { EVENT_PACKET, EVENT_FLIP, EVENT_END };

struct packet_event {
    struct packet_headers headers;
    int64_t time_ns;
    size_t bytes_at;     /* of the IP packet, in the batch */
    uint64_t payload_at; /* in the IP packet */
    uint32_t len;
    bool forward;
};

struct end_event {
    struct flow flow; /* its last facts */
    struct sample sample;
    size_t row_at, row_len; /* in the rows of its lane */
};

struct event {
    struct record *record;
    unsigned lane; /* of the record, which an end frees */
    enum event_kind kind;
    uint32_t next; /* of its lane; NO_EVENT */
    union {
        struct packet_event packet;
        uint32_t end; /* in the ends of the batch */
    };
};

#define NO_EVENT UINT32_MAX

/* What a lane has in a batch. */
struct share {
    uint32_t first, last; /* events */
    struct buffer rows;
    int status;
    struct lcap_error error;
};

struct batch {
    struct event *events;   /* BATCH_EVENTS */
    struct end_event *ends; /* BATCH_ENDS; apart, because they are larger than packets and few */
    struct share *shares;   /* one for each lane */
    unsigned lanes;
    size_t count, end_count;
    struct buffer bytes; /* of packets */
};

struct flow_lanes {
    struct lane_measure measure;
    struct pipeline *pipeline;
    struct batch *batch; /* that the caller fills; NULL: none yet */
    int status;          /* the first failure: written before `failed` is set */
    struct lcap_error error;
    atomic_bool failed;
};

static struct flow *flow_of(struct record *record)
{
    return (struct flow *)record->flow;
}

static struct record **place_of(const struct flow *flow)
{
    return flow_state(flow);
}

static void drop_record(const struct flow_lanes *lanes, struct record *record)
{
    if (lanes->measure.release)
        lanes->measure.release(lanes->measure.context, flow_of(record));
    free(record);
}

/* The lanes */

static void find_bytes(const struct batch *batch, struct packet_event *event)
{
    struct packet_headers *headers = &event->headers;
    headers->ip = batch->bytes.data + event->bytes_at;
    if (headers->payload)
        headers->payload = headers->ip + event->payload_at;
}

static int replay_packet(const struct flow_lanes *lanes, const struct batch *batch,
                         struct event *event, struct lcap_error *error)
{
    struct packet_event *at = &event->packet;
    struct flow *flow = flow_of(event->record);
    find_bytes(batch, at);
    const struct lcap_packet packet = {.len = at->len};
    const struct flow_packet joins = {
        .headers = &at->headers,
        .packet = &packet,
        .time_ns = at->time_ns,
        .forward = at->forward,
    };
    const int rc = lanes->measure.packet(lanes->measure.context, flow, &joins, error);
    flow_note_time(flow, at->time_ns);
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
    struct flow *flow = flow_of(event->record);
    struct end_event *end = &batch->ends[event->end];
    *flow = end->flow;
    end->row_at = share->rows.len;
    const int rc = lanes->measure.make(lanes->measure.context, flow, &end->sample, event->lane,
                                       &share->rows, error);
    end->row_len = share->rows.len - end->row_at;
    return rc;
}

static int replay(const struct flow_lanes *lanes, const struct batch *batch, struct event *event,
                  struct share *share)
{
    switch (event->kind) {
    case EVENT_PACKET:
        return replay_packet(lanes, batch, event, &share->error);
    case EVENT_FLIP:
        replay_flip(lanes, flow_of(event->record));
        return LCAP_OK;
    case EVENT_END:
        break;
    }
    return replay_end(lanes, batch, event, share, &share->error);
}

/* After a failure, flows are only released. */
static void run_lane(void *context, void *buffer, unsigned lane)
{
    struct flow_lanes *lanes = context;
    struct batch *batch = buffer;
    struct share *share = &batch->shares[lane];
    uint32_t next;
    for (uint32_t i = share->first; i != NO_EVENT; i = next) {
        struct event *event = &batch->events[i];
        next = event->next;
        if (share->status == LCAP_OK && !atomic_load(&lanes->failed))
            share->status = replay(lanes, batch, event, share);
        if (event->kind == EVENT_END)
            drop_record(lanes, event->record);
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
    for (size_t i = 0; i < batch->count && rc == LCAP_OK; i++) {
        const struct event *event = &batch->events[i];
        if (event->kind != EVENT_END)
            continue;
        const struct share *share = &batch->shares[event->lane];
        const struct end_event *end = &batch->ends[event->end];
        rc = lanes->measure.take(lanes->measure.context, share->rows.data + end->row_at,
                                 end->row_len, error);
    }
    return rc;
}

static void empty(struct batch *batch)
{
    batch->count = batch->end_count = 0;
    buffer_clear(&batch->bytes);
    for (unsigned i = 0; i < batch->lanes; i++) {
        struct share *share = &batch->shares[i];
        buffer_clear(&share->rows);
        share->first = share->last = NO_EVENT;
        share->status = LCAP_OK;
    }
}

static void take_batch(void *context, void *buffer)
{
    struct flow_lanes *lanes = context;
    if (!atomic_load(&lanes->failed)) {
        lanes->status = take_rows(lanes, buffer, &lanes->error);
        if (lanes->status < 0)
            atomic_store(&lanes->failed, true);
    }
    empty(buffer);
}

/* The caller */

static int prepare(struct batch *batch, unsigned lanes, struct lcap_error *error)
{
    if (batch->events)
        return LCAP_OK;
    batch->shares = memory_new(lanes, sizeof *batch->shares, error);
    if (!batch->shares)
        return LCAP_ERR_MEMORY;
    batch->lanes = lanes;
    empty(batch);
    batch->ends = memory_new(BATCH_ENDS, sizeof *batch->ends, error);
    if (batch->ends)
        batch->events = memory_new(BATCH_EVENTS, sizeof *batch->events, error);
    return batch->events ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void release_batch(void *buffer)
{
    struct batch *batch = buffer;
    for (unsigned i = 0; i < batch->lanes; i++)
        buffer_release(&batch->shares[i].rows);
    buffer_release(&batch->bytes);
    free(batch->shares);
    free(batch->ends);
    free(batch->events);
}

static int take_blank(struct flow_lanes *lanes, struct lcap_error *error)
{
    struct batch *batch = pipeline_blank(lanes->pipeline);
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
    return sizeof(struct record *);
}

static struct event *add_event(struct flow_lanes *lanes, struct record *record,
                               enum event_kind kind)
{
    struct batch *batch = lanes->batch;
    struct share *share = &batch->shares[record->lane];
    const uint32_t number = (uint32_t)batch->count++;
    struct event *event = &batch->events[number];
    *(share->first == NO_EVENT ? &share->first : &batch->events[share->last].next) = number;
    share->last = number;
    event->record = record;
    event->lane = record->lane;
    event->kind = kind;
    event->next = NO_EVENT;
    return event;
}

/* Room is left for a flip and what comes after it. */
static bool is_full(const struct batch *batch)
{
    return batch->count > BATCH_EVENTS - 2 || batch->end_count == BATCH_ENDS ||
           batch->bytes.len >= BATCH_BYTES;
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

static struct record *record_of(struct flow_lanes *lanes, const struct flow *flow,
                                struct lcap_error *error)
{
    struct record **place = place_of(flow);
    struct record *record = *place;
    if (record)
        return record;
    record = memory_new(1, sizeof *record + flow_size(lanes->measure.state_size), error);
    if (!record)
        return NULL;
    record->lane = (unsigned)(flow->number % lanes->measure.lanes);
    *flow_of(record) = *flow;
    *place = record;
    return record;
}

static uint64_t payload_offset(const struct packet_headers *headers)
{
    return headers->payload ? (uint64_t)(headers->payload - headers->ip)
                            : (uint64_t)headers->ip_header_len + headers->transport_len;
}

/* Copies what is needed of the packet, where find_bytes() finds it. */
static int keep_bytes(const struct flow_lanes *lanes, struct packet_event *event,
                      const struct packet_headers *headers, struct lcap_error *error)
{
    struct buffer *bytes = &lanes->batch->bytes;
    const uint32_t needed = lanes->measure.payload_bytes;
    event->headers = *headers;
    event->payload_at = payload_offset(headers);
    if (headers->ip_captured > event->payload_at + needed)
        event->headers.ip_captured = (uint32_t)event->payload_at + needed;
    if (headers->payload_captured > needed)
        event->headers.payload_captured = needed;
    event->bytes_at = bytes->len;
    return buffer_append(bytes, headers->ip, event->headers.ip_captured, error);
}

int flow_lanes_packet(struct flow_lanes *lanes, struct flow *flow, const struct flow_packet *packet,
                      struct lcap_error *error)
{
    struct record *record = record_of(lanes, flow, error);
    if (!record)
        return LCAP_ERR_MEMORY;
    struct packet_event *event = &add_event(lanes, record, EVENT_PACKET)->packet;
    event->time_ns = packet->time_ns;
    event->len = packet->packet->len;
    event->forward = packet->forward;
    const int rc = keep_bytes(lanes, event, packet->headers, error);
    return rc == LCAP_OK ? submit_if_full(lanes, error) : rc;
}

void flow_lanes_flip(struct flow_lanes *lanes, struct flow *flow)
{
    struct record *record = *place_of(flow);
    if (record)
        add_event(lanes, record, EVENT_FLIP);
}

int flow_lanes_ended(struct flow_lanes *lanes, struct flow *flow, const struct sample *sample,
                     struct lcap_error *error)
{
    struct record **place = place_of(flow);
    struct batch *batch = lanes->batch;
    struct end_event *end = &batch->ends[batch->end_count];
    add_event(lanes, *place, EVENT_END)->end = (uint32_t)batch->end_count++;
    end->flow = *flow;
    end->sample = *sample;
    *place = NULL;
    return submit_if_full(lanes, error);
}

void flow_lanes_release(struct flow_lanes *lanes, struct flow *flow)
{
    struct record *record = *place_of(flow);
    if (record)
        drop_record(lanes, record);
}

int flow_lanes_wait(struct flow_lanes *lanes, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (lanes->batch && lanes->batch->count > 0)
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
    free(lanes);
}
