/* Lanes of flows: all flows, in order, measured and released once each, whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/flow_lanes.h"
#include <stdatomic.h>

/* Many batches, and no multiple of one. */
enum { FLOWS = 10007, PACKETS = 3, NEVER = FLOWS, LANES = 5 };

struct state {
    uint64_t packets, bytes;
    bool flipped;
    char *owned;
};

struct made {
    struct flow_lanes *lanes;
    uint64_t next;          /* flow that is due */
    uint64_t fail_at;       /* its row fails */
    uint64_t taken;         /* rows */
    atomic_ullong released; /* flows */
    bool in_order;
    atomic_bool wrong;
};

static int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                          struct lcap_error *error)
{
    struct made *made = context;
    struct state *state = flow_state(flow);
    const struct packet_headers *headers = packet->headers;
    (void)error;
    if (!state->owned)
        state->owned = strdup("x");
    if (headers->payload_captured != 2 || headers->payload[0] != (uint8_t)flow->number)
        atomic_store(&made->wrong, true);
    state->packets++;
    state->bytes += packet->packet->len;
    return LCAP_OK;
}

static void measure_flip(void *context, struct flow *flow)
{
    struct state *state = flow_state(flow);
    (void)context;
    state->flipped = flow->forward_is_second;
}

static int make(void *context, struct flow *flow, const struct sample *sample, unsigned lane,
                struct buffer *out, struct lcap_error *error)
{
    struct made *made = context;
    const struct state *state = flow_state(flow);
    if (lane >= LANES || state->packets != PACKETS || state->bytes != PACKETS * flow->number ||
        !state->flipped || sample->id != flow->number)
        atomic_store(&made->wrong, true);
    return buffer_append(out, &flow->number, sizeof flow->number, error);
}

static int take(void *context, const uint8_t *row, size_t len, struct lcap_error *error)
{
    struct made *made = context;
    uint64_t number;
    assert_int_equal(len, sizeof number);
    memcpy(&number, row, sizeof number);
    made->in_order = made->in_order && number == made->next;
    made->next++;
    if (number == made->fail_at)
        return lcap_error_set(error, LCAP_ERR_IO, "the row of flow %d failed", (int)number);
    made->taken++;
    return LCAP_OK;
}

static void release(void *context, struct flow *flow)
{
    struct made *made = context;
    struct state *state = flow_state(flow);
    atomic_fetch_add(&made->released, 1);
    free(state->owned);
}

static void begin(struct made *made, unsigned threads, uint64_t fail_at)
{
    *made = (struct made){.fail_at = fail_at, .in_order = true};
    const struct lane_measure measure = {
        .threads = threads,
        .lanes = LANES,
        .state_size = sizeof(struct state),
        .payload_bytes = 2,
        .packet = measure_packet,
        .flip = measure_flip,
        .release = release,
        .make = make,
        .take = take,
        .context = made,
    };
    assert_int_equal(flow_lanes_new(&made->lanes, &measure, NULL), 0);
}

/* A flow as a table has it. */
static struct flow *flow_new(uint64_t number)
{
    struct flow *flow = calloc(1, flow_size(flow_lanes_state_size()));
    assert_non_null(flow);
    flow->number = number;
    return flow;
}

static int add_packets(struct flow_lanes *lanes, struct flow *flow, struct lcap_error *error)
{
    const uint8_t bytes[] = {0, 0, 0, 0, (uint8_t)flow->number, 1, 2, 3};
    const struct packet_headers headers = {.ip = bytes,
                                           .ip_captured = sizeof bytes,
                                           .ip_header_len = 4,
                                           .payload = bytes + 4,
                                           .payload_captured = 4};
    const struct lcap_packet packet = {.len = (uint32_t)flow->number};
    const struct flow_packet joins = {.headers = &headers, .packet = &packet};
    int rc = LCAP_OK;
    for (int i = 0; i < PACKETS && rc == LCAP_OK; i++) {
        if (i == 1)
            flow_lanes_flip(lanes, flow);
        rc = flow_lanes_packet(lanes, flow, &joins, error);
    }
    return rc;
}

/* From its first packet to its end. */
static int pass(struct flow_lanes *lanes, uint64_t number, struct lcap_error *error)
{
    struct flow *flow = flow_new(number);
    const struct sample sample = {.id = number};
    int rc = add_packets(lanes, flow, error);
    flow->forward_is_second = true;
    if (rc == LCAP_OK)
        rc = flow_lanes_ended(lanes, flow, &sample, error);
    flow_lanes_stop(rc < 0 ? lanes : NULL);
    flow_lanes_release(lanes, flow);
    free(flow);
    return rc;
}

static void all_flows_in_order(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct made made;
        begin(&made, threads, NEVER);
        assert_int_equal(flow_lanes_wait(made.lanes, NULL), 0);
        for (uint64_t i = 0; i < FLOWS; i++)
            assert_int_equal(pass(made.lanes, i, NULL), 0);
        assert_int_equal(flow_lanes_wait(made.lanes, NULL), 0);
        assert_int_equal(made.taken, FLOWS);
        assert_int_equal(made.released, FLOWS);
        assert_int_equal(pass(made.lanes, FLOWS + 1, NULL), 0); /* a stream may follow */
        flow_lanes_free(made.lanes);
        assert_int_equal(made.released, FLOWS + 1);
        assert_true(made.in_order && !made.wrong);
    }
}

/* The first error ends it: it is told to whoever adds or waits next, and no rows follow. */
static void an_error_ends_it(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct made made;
        struct lcap_error error = {0};
        uint64_t passed = 0;
        begin(&made, threads, 1234);
        while (passed < FLOWS && pass(made.lanes, passed, &error) == 0)
            passed++;
        passed += passed < FLOWS; /* the one that was answered with the error came all the same */
        lcap_error_clear(&error);
        assert_int_equal(flow_lanes_wait(made.lanes, &error), LCAP_ERR_IO);
        assert_string_equal(error.text, "the row of flow 1234 failed");
        flow_lanes_free(made.lanes);
        assert_true(made.in_order && !made.wrong);
        assert_int_equal(made.taken, 1234);
        assert_int_equal(made.released, passed);
    }
}

static void what_waits_is_released(void **state)
{
    (void)state;
    struct made made;
    begin(&made, 2, NEVER);
    struct flow *open = flow_new(0);
    assert_int_equal(add_packets(made.lanes, open, NULL), 0);
    for (uint64_t i = 1; i < 77; i++)
        assert_int_equal(pass(made.lanes, i, NULL), 0);
    flow_lanes_stop(made.lanes);
    flow_lanes_release(made.lanes, open);
    flow_lanes_free(made.lanes);
    assert_int_equal(made.released, 77);
    assert_int_equal(made.taken, 0);
    free(open);
    flow_lanes_stop(NULL);
    flow_lanes_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_flows_in_order),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(what_waits_is_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
