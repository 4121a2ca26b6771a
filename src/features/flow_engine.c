/* The flow engine: makes rows by header parser, assembler and the measure of a profile. */
#include "base/memory.h"
#include "features/flow_feed.h"
#include "features/row_thread.h"
#include <stdlib.h>
#include <string.h>

struct flow_engine {
    struct engine base;
    struct flow_feed feed;
    struct row_thread *rows; /* NULL: rows are made as flows end */
    struct arena text;
    void *row;
};

static const struct profile_measure *measure_of(const struct flow_engine *engine)
{
    return engine->base.setup.profile->measure;
}

static int measure_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                          struct lcap_error *error)
{
    const struct flow_engine *engine = context;
    flow->dns |= packet_is_dns(packet->headers);
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

static int make_row(void *context, struct flow *flow, const struct sample *sample,
                    struct lcap_error *error)
{
    struct flow_engine *engine = context;
    const struct engine_setup *setup = &engine->base.setup;
    const struct row_facts facts = {
        .flow = flow,
        .options = setup->options,
        .sample = *sample,
        .metadata = sample->metadata ? sample->metadata : setup->options->metadata,
        .text = &engine->text,
    };
    struct lcap_flow_row summary = row_summary_assembled(setup, flow, sample);
    arena_reset(&engine->text);
    memset(engine->row, 0, measure_of(engine)->row_size);
    int rc = measure_of(engine)->row(&facts, engine->row, &summary, error);
    if (rc == LCAP_OK)
        rc = row_emit(setup, setup->profile->columns, engine->row, &summary, error);
    return rc;
}

static int flow_ended(void *context, struct flow *flow, struct lcap_error *error)
{
    struct flow_engine *engine = context;
    const struct sample sample = flow_sample(&engine->base.setup, flow);
    return engine->rows ? row_thread_push(engine->rows, flow, &sample, error)
                        : make_row(engine, flow, &sample, error);
}

static void flow_engine_free(struct engine *base)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    if (!engine)
        return;
    row_thread_free(engine->rows);
    flow_feed_release(&engine->feed);
    arena_release(&engine->text);
    free(engine->row);
    free(engine);
}

static const struct row_maker row_maker = {.make = make_row, .release = measure_release};

static int flow_engine_create(struct engine **base, const struct engine_setup *setup,
                              struct lcap_error *error)
{
    const struct profile_measure *measure = setup->profile->measure;
    struct flow_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    engine->feed.unknown = setup->unknown;
    engine->row = memory_new(1, measure->row_size, error);
    const struct flow_measure hooks = {
        .state_size = measure->state_size,
        .packet = measure_packet,
        .flip = measure_flip,
        .ended = flow_ended,
        .release = measure_release,
    };
    int rc = engine->row ? flow_feed_init(&engine->feed, setup->options, &hooks, engine, error)
                         : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && setup->options->row_thread)
        rc = row_thread_new(&engine->rows, measure->state_size, &row_maker, engine, error);
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

static int flow_engine_finish(struct engine *base, struct lcap_error *error)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    const int rc = flow_feed_finish(&engine->feed, base->setup.counts, error);
    /* Even after an error: afterwards no row is in progress. */
    const int waited = engine->rows ? row_thread_wait(engine->rows, error) : LCAP_OK;
    return rc < 0 ? rc : waited;
}

const struct engine_class flow_engine = {
    .create = flow_engine_create,
    .packet = flow_engine_packet,
    .finish = flow_engine_finish,
    .free = flow_engine_free,
};
