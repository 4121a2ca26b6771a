/*
 * The flow engine: makes rows by header parser, assembler and the measure of a profile,
 * in the caller's thread or in lanes.
 */
#include "base/memory.h"
#include "features/flow_feed.h"
#include "features/flow_lanes.h"
#include "features/row_copy.h"
#include <stdlib.h>
#include <string.h>

enum { LANES_EACH = 2, MOST_LANES = 64 }; /* of a thread, so that none is idle for long */

/* Where a row is made. */
struct workshop {
    struct arena text;
    void *row;
};

struct flow_engine {
    struct engine base;
    struct flow_feed feed;
    struct flow_lanes *lanes;   /* NULL: all is done by the caller's thread */
    struct workshop *workshops; /* one for each lane */
    unsigned workshop_count;
};

static const struct profile_measure *measure_of(const struct flow_engine *engine)
{
    return engine->base.setup.profile->measure;
}

static int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                          struct lcap_error *error)
{
    const struct flow_engine *engine = context;
    return measure_of(engine)->packet(engine->base.setup.options, flow, packet, error);
}

static void measure_flip(void *context, struct flow *flow)
{
    const struct flow_engine *engine = context;
    if (measure_of(engine)->flip)
        measure_of(engine)->flip(flow);
}

static void measure_release(void *context, struct flow *flow)
{
    const struct flow_engine *engine = context;
    if (measure_of(engine)->release)
        measure_of(engine)->release(flow);
}

/* Passes the row of a flow to the sink of `setup`. */
static int make_row(const struct engine_setup *setup, struct workshop *workshop,
                    const struct flow *flow, const struct sample *sample, struct lcap_error *error)
{
    const struct profile_measure *measure = setup->profile->measure;
    const struct row_facts facts = {
        .flow = flow,
        .options = setup->options,
        .sample = *sample,
        .metadata = sample->metadata ? sample->metadata : setup->options->metadata,
        .text = &workshop->text,
    };
    struct lcap_flow_row summary = row_summary_assembled(setup, flow, sample);
    arena_reset(&workshop->text);
    memset(workshop->row, 0, measure->row_size);
    int rc = measure->row(&facts, workshop->row, &summary, error);
    if (rc == LCAP_OK)
        rc = row_emit(setup, setup->profile->columns, workshop->row, &summary, error);
    return rc;
}

/* In the caller's thread */

static int packet_joins(void *context, struct flow *flow, const struct flow_packet *packet,
                        struct lcap_error *error)
{
    flow->dns |= packet_is_dns(packet->headers);
    return measure_packet(context, flow, packet, error);
}

static int flow_ended(void *context, struct flow *flow, struct lcap_error *error)
{
    struct flow_engine *engine = context;
    const struct sample sample = flow_sample(&engine->base.setup, flow);
    return make_row(&engine->base.setup, engine->workshops, flow, &sample, error);
}

/* In lanes */

static int packet_joins_lane(void *context, struct flow *flow, const struct flow_packet *packet,
                             struct lcap_error *error)
{
    struct flow_engine *engine = context;
    flow->dns |= packet_is_dns(packet->headers);
    return flow_lanes_packet(engine->lanes, flow, packet, error);
}

static void flip_in_lane(void *context, struct flow *flow)
{
    struct flow_engine *engine = context;
    flow_lanes_flip(engine->lanes, flow);
}

static int flow_ended_in_lane(void *context, struct flow *flow, struct lcap_error *error)
{
    struct flow_engine *engine = context;
    const struct sample sample = flow_sample(&engine->base.setup, flow);
    return flow_lanes_ended(engine->lanes, flow, &sample, error);
}

static void release_in_lane(void *context, struct flow *flow)
{
    struct flow_engine *engine = context;
    flow_lanes_release(engine->lanes, flow);
}

/* A row on its way into the bytes of its lane. */
struct pressing {
    const struct row_press *press;
    struct buffer *out;
};

static int press_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    const struct pressing *pressing = context;
    const struct row_press *press = pressing->press;
    return press ? press->press(press->context, row, pressing->out, error)
                 : row_copy_pack(row, "", pressing->out, error);
}

static int make_in_lane(void *context, struct flow *flow, const struct sample *sample,
                        unsigned lane, struct buffer *out, struct lcap_error *error)
{
    const struct flow_engine *engine = context;
    struct pressing pressing = {.press = engine->base.setup.press, .out = out};
    struct engine_setup setup = engine->base.setup;
    struct lcap_flow_counts none = {0};
    setup.sink = press_row;
    setup.sink_context = &pressing;
    setup.counts = &none;
    return make_row(&setup, &engine->workshops[lane], flow, sample, error);
}

static int take_row(void *context, const uint8_t *bytes, size_t len, struct lcap_error *error)
{
    const struct flow_engine *engine = context;
    const struct engine_setup *setup = &engine->base.setup;
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    setup->counts->flows++;
    if (setup->press)
        return len ? setup->press->take(setup->press->context, bytes, len, error) : LCAP_OK;
    row_copy_unpack(bytes, cells, &row);
    return setup->sink(setup->sink_context, &row, error);
}

/* The engine */

static void flow_engine_free(struct engine *base)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    if (!engine)
        return;
    flow_lanes_stop(engine->lanes);
    flow_feed_release(&engine->feed);
    flow_lanes_free(engine->lanes);
    for (unsigned i = 0; engine->workshops && i < engine->workshop_count; i++) {
        arena_release(&engine->workshops[i].text);
        free(engine->workshops[i].row);
    }
    free(engine->workshops);
    free(engine);
}

static int open_workshops(struct flow_engine *engine, unsigned count, struct lcap_error *error)
{
    engine->workshops = memory_new(count, sizeof *engine->workshops, error);
    if (!engine->workshops)
        return LCAP_ERR_MEMORY;
    engine->workshop_count = count;
    for (unsigned i = 0; i < count; i++)
        if (!(engine->workshops[i].row = memory_new(1, measure_of(engine)->row_size, error)))
            return LCAP_ERR_MEMORY;
    return LCAP_OK;
}

static int open_alone(struct flow_engine *engine, struct lcap_error *error)
{
    const struct flow_measure hooks = {
        .state_size = measure_of(engine)->state_size,
        .packet = packet_joins,
        .flip = measure_flip,
        .ended = flow_ended,
        .release = measure_release,
    };
    const int rc = open_workshops(engine, 1, error);
    return rc == LCAP_OK
               ? flow_feed_init(&engine->feed, engine->base.setup.options, &hooks, engine, error)
               : rc;
}

static int open_lanes(struct flow_engine *engine, unsigned threads, struct lcap_error *error)
{
    const struct lcap_flow_options *options = engine->base.setup.options;
    const struct flow_measure hooks = {
        .state_size = flow_lanes_state_size(),
        .packet = packet_joins_lane,
        .flip = flip_in_lane,
        .ended = flow_ended_in_lane,
        .release = release_in_lane,
    };
    const struct lane_measure measure = {
        .threads = threads,
        .lanes = threads < MOST_LANES / LANES_EACH ? threads * LANES_EACH : MOST_LANES,
        .state_size = measure_of(engine)->state_size,
        .payload_bytes = options->payload_bytes,
        .packet = measure_packet,
        .flip = measure_flip,
        .release = measure_release,
        .make = make_in_lane,
        .take = take_row,
        .context = engine,
    };
    int rc = open_workshops(engine, measure.lanes, error);
    if (rc == LCAP_OK)
        rc = flow_lanes_new(&engine->lanes, &measure, error);
    return rc == LCAP_OK ? flow_feed_init(&engine->feed, options, &hooks, engine, error) : rc;
}

static int flow_engine_create(struct engine **base, const struct engine_setup *setup,
                              struct lcap_error *error)
{
    struct flow_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    engine->feed.unknown = setup->unknown;
    engine->feed.share = setup->share;
    const unsigned threads = setup->options->threads;
    const int rc = threads > 1 ? open_lanes(engine, threads, error) : open_alone(engine, error);
    if (rc == LCAP_OK)
        *base = &engine->base;
    else
        flow_engine_free(&engine->base);
    return rc;
}

static int flow_engine_packet(struct engine *base, const struct lcap_packet *packet,
                              uint32_t sample, struct lcap_error *error)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    return flow_feed_packet(&engine->feed, packet, sample, base->setup.counts, error);
}

static int flow_engine_pass(struct engine *base, const struct passing_packet *passing,
                            uint32_t sample, struct lcap_error *error)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    return flow_feed_pass(&engine->feed, &passing->packet, sample, passing->skip,
                          passing->unknown_type, base->setup.counts, error);
}

static int flow_engine_finish(struct engine *base, struct lcap_error *error)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    const int rc = flow_feed_finish(&engine->feed, base->setup.counts, error);
    /* Even after an error: afterwards no row is in progress. */
    const int waited = engine->lanes ? flow_lanes_wait(engine->lanes, error) : LCAP_OK;
    return rc < 0 ? rc : waited;
}

const struct engine_class flow_engine = {
    .create = flow_engine_create,
    .packet = flow_engine_packet,
    .pass = flow_engine_pass,
    .finish = flow_engine_finish,
    .free = flow_engine_free,
};
