/*
 * Several threads measure flows and make their rows, while the caller puts packets
 * into flows. What happens to flows goes in batches through a pipeline, in which each
 * flow belongs to one lane. Rows become bytes in the lanes and are taken in the order
 * in which the flows ended.
 */
#ifndef FEATURES_FLOW_LANES_H
#define FEATURES_FLOW_LANES_H

#include "base/buffer.h"
#include "base/sample_registry.h"
#include "flow/assembler.h"

struct flow_lanes;

/*
 * What is done with flows. `lane` is below `lanes`: all calls for a flow have the same
 * one, and no two calls with the same one run at once.
 */
struct lane_measure {
    unsigned threads; /* the caller's included */
    unsigned lanes;
    size_t state_size;
    uint32_t payload_bytes; /* that `packet` needs of each payload */
    /* As in struct flow_measure; but of the packet only its length is known, of its headers what
     * is measured, and of the IP packet the headers of a SYN and what is needed of the payload. */
    int (*packet)(void *context, struct flow *flow, const struct flow_packet *packet,
                  struct lcap_error *error);
    void (*flip)(void *context, struct flow *flow);
    void (*release)(void *context, struct flow *flow);
    /* Appends the row of a flow that has ended to `out`. */
    int (*make)(void *context, struct flow *flow, const struct sample *sample, unsigned lane,
                struct buffer *out, struct lcap_error *error);
    /* Takes what was appended, in order. */
    int (*take)(void *context, const uint8_t *row, size_t len, struct lcap_error *error);
    void *context;
};

int flow_lanes_new(struct flow_lanes **lanes, const struct lane_measure *measure,
                   struct lcap_error *error);

/* The state of the flows of the assembler whose hooks follow. */
size_t flow_lanes_state_size(void);

/*
 * Hooks of the assembler. They return the error of an earlier flow, if there was one;
 * then no more rows are made. The text of the sample is not copied.
 */
int flow_lanes_packet(struct flow_lanes *lanes, struct flow *flow, const struct flow_packet *packet,
                      struct lcap_error *error);
void flow_lanes_flip(struct flow_lanes *lanes, struct flow *flow);
int flow_lanes_ended(struct flow_lanes *lanes, struct flow *flow, const struct sample *sample,
                     struct lcap_error *error);
/* Of a flow that has not ended; not while others are under way. */
void flow_lanes_release(struct flow_lanes *lanes, struct flow *flow);

/* Returns 0 or the first error when all rows have been taken. */
int flow_lanes_wait(struct flow_lanes *lanes, struct lcap_error *error);

/* No more rows are made; when it returns, nothing is under way. NULL is allowed. */
void flow_lanes_stop(struct flow_lanes *lanes);

/* NULL is allowed. */
void flow_lanes_free(struct flow_lanes *lanes);

#endif
