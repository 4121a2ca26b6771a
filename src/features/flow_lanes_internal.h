/* Batches of events, between the caller and the lanes that replay them. */
#ifndef FEATURES_FLOW_LANES_INTERNAL_H
#define FEATURES_FLOW_LANES_INTERNAL_H

#include "base/pipeline.h"
#include "features/flow_lanes.h"
#include <stdatomic.h>

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

static inline void flow_lanes_release_twin(const struct flow_lanes *lanes, struct flow *twin)
{
    if (lanes->measure.release)
        lanes->measure.release(lanes->measure.context, twin);
}

/* A lane of the pipeline: replays its events in a batch. After a failure, flows are only released.
 */
void flow_lanes_replay(void *context, void *buffer, unsigned lane);

#endif
