/* From packets to the assembler. */
#include "features/flow_feed.h"

#include <stdlib.h>

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

static int enter(struct flow_feed *feed, const struct lcap_packet *packet,
                 const struct packet_headers *headers, uint32_t sample,
                 struct lcap_flow_counts *counts, struct lcap_error *error)
{
    counts->in_flows++;
    counts->unknown_fragments += headers->unknown_ports;
    return assembler_packet(feed->assembler, packet, headers, sample, error);
}

/* Its headers are read again, from its copy: with ports and flags if they are known by now, unless
 * the header that was put together is malformed. */
static int enter_held(struct flow_feed *feed, struct held_fragment *fragment,
                      struct lcap_flow_counts *counts, struct lcap_error *error)
{
    struct packet_headers headers;
    const enum lcap_skip skip = packet_headers_parse(&feed->parser, &fragment->packet, &headers);
    int rc = LCAP_OK;
    if (skip == LCAP_SKIP_NONE)
        rc = enter(feed, &fragment->packet, &headers, fragment->sample, counts, error);
    else
        counts->skipped[skip]++;
    free(fragment);
    return rc;
}

static int enter_all_over(struct flow_feed *feed, const struct lcap_packet *packet,
                          struct lcap_flow_counts *counts, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && held_fragments_over(&feed->held, packet))
        rc = enter_held(feed, held_fragments_oldest(&feed->held), counts, error);
    return rc;
}

static int enter_all_of(struct flow_feed *feed, uint64_t datagram, struct lcap_flow_counts *counts,
                        struct lcap_error *error)
{
    struct held_fragment *fragment;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (fragment = held_fragments_oldest_of(&feed->held, datagram)))
        rc = enter_held(feed, fragment, counts, error);
    return rc;
}

static void leave_out(struct flow_feed *feed, enum lcap_skip skip, struct lcap_flow_counts *counts)
{
    const uint16_t type = feed->parser.unknown_type;
    counts->skipped[skip]++;
    if (feed->unknown && (skip == LCAP_SKIP_LINK_TYPE || (skip == LCAP_SKIP_NO_IP && type)))
        unknown_types_add(feed->unknown, skip, type);
}

int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error)
{
    struct packet_headers headers;
    int rc = enter_all_over(feed, packet, counts, error);
    if (rc < 0)
        return rc;
    const enum lcap_skip skip = packet_headers_parse(&feed->parser, packet, &headers);
    if (skip != LCAP_SKIP_NONE) {
        leave_out(feed, skip, counts);
        return LCAP_OK;
    }
    if (headers.waits && headers.datagram && packet->has_time)
        return held_fragments_add(&feed->held, packet, headers.datagram, sample, error);
    if (headers.fragment)
        rc = enter_all_of(feed, headers.datagram, counts, error);
    return rc == LCAP_OK ? enter(feed, packet, &headers, sample, counts, error) : rc;
}

int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error)
{
    struct held_fragment *fragment;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (fragment = held_fragments_oldest(&feed->held)))
        rc = enter_held(feed, fragment, counts, error);
    if (rc == LCAP_OK)
        rc = assembler_finish(feed->assembler, error);
    assembler_count(feed->assembler, counts);
    return rc;
}

void flow_feed_release(struct flow_feed *feed)
{
    held_fragments_release(&feed->held);
    assembler_free(feed->assembler);
    header_parser_release(&feed->parser);
}
