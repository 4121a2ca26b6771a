/* The flow engine: header parser, assembler and a profile's measure make rows. */
#include "base/memory.h"
#include "base/text.h"
#include "capture/address_text.h"
#include "capture/timestamp.h"
#include "features/profile.h"
#include <stdlib.h>
#include <string.h>

struct flow_engine {
    struct engine base;
    struct header_parser parser;
    struct assembler *assembler;
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

static int row_of_flow(void *context, struct flow *flow, struct lcap_error *error)
{
    struct flow_engine *engine = context;
    const struct engine_setup *setup = &engine->base.setup;
    const struct sample *sample = flow_sample(setup, flow);
    const struct row_facts facts = {
        .flow = flow,
        .options = setup->options,
        .sample = sample,
        .metadata = sample ? sample->metadata : setup->options->label,
        .text = &engine->text,
    };
    struct lcap_flow_row summary = row_summary(setup, flow);
    summary.protocol = protocol_name(flow->key.family, flow->key.protocol);
    summary.duration = (double)time_between(flow->first_ns, flow->last_ns) / NS_PER_SECOND;
    arena_reset(&engine->text);
    memset(engine->row, 0, measure_of(engine)->row_size);
    int rc = measure_of(engine)->row(&facts, engine->row, &summary, error);
    if (rc == LCAP_OK)
        rc = row_emit(setup, setup->profile->columns, engine->row, &summary, error);
    return rc;
}

static void flow_engine_free(struct engine *base)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    if (!engine)
        return;
    assembler_free(engine->assembler);
    header_parser_release(&engine->parser);
    arena_release(&engine->text);
    free(engine->row);
    free(engine);
}

static int flow_engine_create(struct engine **base, const struct engine_setup *setup,
                              struct lcap_error *error)
{
    const struct lcap_flow_options *options = setup->options;
    const struct profile_measure *measure = setup->profile->measure;
    struct flow_engine *engine = memory_new(1, sizeof *engine, error);
    if (!engine)
        return LCAP_ERR_MEMORY;
    engine->base.setup = *setup;
    engine->parser.inner_tunnels = options->inner_tunnels;
    engine->row = memory_new(1, measure->row_size, error);
    const struct assembler_rules rules = {
        .unidirectional = options->unidirectional,
        .idle_ns = options->idle_ns,
        .active_ns = options->active_ns,
        .max_flows = options->max_flows,
    };
    const struct flow_measure hooks = {
        .state_size = measure->state_size,
        .packet = measure_packet,
        .flip = measure_flip,
        .ended = row_of_flow,
        .release = measure_release,
    };
    const int rc = engine->row ? assembler_new(&engine->assembler, &rules, &hooks, engine, error)
                               : LCAP_ERR_MEMORY;
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
    struct lcap_flow_counts *counts = base->setup.counts;
    struct packet_headers headers;
    const enum lcap_skip skip = packet_headers_parse(&engine->parser, packet, &headers);
    if (skip != LCAP_SKIP_NONE) {
        counts->skipped[skip]++;
        return LCAP_OK;
    }
    counts->in_flows++;
    counts->unknown_fragments += headers.unknown_ports;
    return assembler_packet(engine->assembler, packet, &headers, sample, error);
}

static int flow_engine_finish(struct engine *base, struct lcap_error *error)
{
    struct flow_engine *engine = (struct flow_engine *)base;
    const int rc = assembler_finish(engine->assembler, error);
    assembler_count(engine->assembler, base->setup.counts);
    return rc;
}

const struct engine_class flow_engine = {
    .create = flow_engine_create,
    .packet = flow_engine_packet,
    .finish = flow_engine_finish,
    .free = flow_engine_free,
};
