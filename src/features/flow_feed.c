/* From packets to the assembler. */
#include "features/flow_feed.h"

static void leave_out(struct flow_feed *feed, enum lcap_skip skip, uint16_t type)
{
    feed->counts->skipped[skip]++;
    if (feed->unknown && (skip == LCAP_SKIP_LINK_TYPE || (skip == LCAP_SKIP_NO_IP && type)))
        unknown_types_add(feed->unknown, &(struct lcap_unknown_type){skip, type, 1});
}

static int enter(void *context, const struct joining *joining, struct lcap_error *error)
{
    struct flow_feed *feed = context;
    if (joining->skip != LCAP_SKIP_NONE) {
        leave_out(feed, joining->skip, feed->wait.parser.unknown_type);
        return LCAP_OK;
    }
    feed->counts->in_flows++;
    feed->counts->unknown_fragments += joining->headers->unknown_ports;
    if (!flow_share_has(&feed->share, joining->headers))
        return assembler_pass(feed->assembler, joining->packet, joining->tag, error);
    return assembler_packet(feed->assembler, joining->packet, joining->headers, joining->tag,
                            error);
}

int flow_feed_init(struct flow_feed *feed, const struct lcap_flow_options *options,
                   const struct flow_measure *measure, void *context, struct lcap_error *error)
{
    const struct assembler_rules rules = {
        .unidirectional = options->unidirectional,
        .idle_ns = options->idle_ns,
        .active_ns = options->active_ns,
        .max_flows = options->max_flows,
        .has_share = feed->share.count > 0,
    };
    feed->wait.parser.inner_tunnels = options->inner_tunnels;
    feed->wait.function = enter;
    feed->wait.context = feed;
    return assembler_new(&feed->assembler, &rules, measure, context, error);
}

int flow_feed_packet(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                     struct lcap_flow_counts *counts, struct lcap_error *error)
{
    feed->counts = counts;
    int rc = fragment_wait_packet(&feed->wait, packet, sample, error);
    return rc < 0 ? rc : LCAP_OK;
}

int flow_feed_pass(struct flow_feed *feed, const struct lcap_packet *packet, uint32_t sample,
                   enum lcap_skip skip, uint16_t unknown_type, struct lcap_flow_counts *counts,
                   struct lcap_error *error)
{
    feed->counts = counts;
    const int rc = fragment_wait_pass(&feed->wait, packet, error);
    if (rc < 0)
        return rc;
    if (skip != LCAP_SKIP_NONE) {
        leave_out(feed, skip, unknown_type);
        return LCAP_OK;
    }
    counts->in_flows++;
    return assembler_pass(feed->assembler, packet, sample, error);
}

int flow_feed_finish(struct flow_feed *feed, struct lcap_flow_counts *counts,
                     struct lcap_error *error)
{
    feed->counts = counts;
    int rc = fragment_wait_end(&feed->wait, error);
    if (rc == LCAP_OK)
        rc = assembler_finish(feed->assembler, error);
    assembler_count(feed->assembler, counts);
    return rc;
}

void flow_feed_release(struct flow_feed *feed)
{
    fragment_wait_release(&feed->wait);
    assembler_free(feed->assembler);
}
