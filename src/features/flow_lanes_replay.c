/* Replays the events of a lane for its flows. */
#include "features/flow_lanes_internal.h"
#include <string.h>

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
    flow_lanes_release_twin(lanes, twin);
    memset(flow_state(twin), 0, lanes->measure.state_size);
}

void flow_lanes_replay(void *context, void *buffer, unsigned lane)
{
    struct flow_lanes *lanes = context;
    struct batch *batch = buffer;
    struct share *share = &batch->shares[lane];
    for (unsigned i = share->first; i != NO_EVENT; i = share->events[i].next) {
        const struct event *event = &share->events[i];
        if (share->status == LCAP_OK && !atomic_load(&lanes->failed))
            share->status = replay(lanes, batch, event, share);
        if (event->kind == EVENT_END)
            clear(lanes, event->flow);
    }
}
