/* From packets to the assembler. */
#include "features/flow_feed.h"

int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error)
{
    const struct assembler_rules rules = {
        .unidirectional = options->unidirectional,
        .idle_ns = options->idle_ns,
        .active_ns = options->active_ns,
        .max_flows = options->max_flows,
    };
    feed->parser.inner_tunnels = options->inner_tunnels;
    return assembler_new(&feed->assembler, &rules, measure, context, error);
}

int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error)
{
    struct packet_headers headers;
    const enum lcap_skip skip = packet_headers_parse(&feed->parser, packet, &headers);
    if (skip != LCAP_SKIP_NONE) {
        counts->skipped[skip]++;
        return LCAP_OK;
    }
    counts->in_flows++;
    counts->unknown_fragments += headers.unknown_ports;
    return assembler_packet(feed->assembler, packet, &headers, sample, error);
}

int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error)
{
    const int rc = assembler_finish(feed->assembler, error);
    assembler_count(feed->assembler, counts);
    return rc;
}

void flow_feed_release(struct flow_feed *feed)
{
    assembler_free(feed->assembler);
    header_parser_release(&feed->parser);
}
