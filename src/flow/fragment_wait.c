/* From packets in the order of the capture to packets in the order of flows. */
#include "flow/fragment_wait.h"

#include "base/rare.h"
#include <stdlib.h>

static int pass_on(const struct fragment_wait *wait, const struct joining *joining,
                   struct lcap_error *error)
{
    return wait->function(wait->context, joining, error);
}

/* Its headers are read again, from its copy: with ports and flags if they are known by now, unless
 * the header that was put together is malformed. */
static int pass_held(struct fragment_wait *wait, struct held_fragment *fragment,
                     const struct lcap_packet *ended_by, struct lcap_error *error)
{
    struct packet_headers headers;
    const struct joining joining = {
        .packet = &fragment->packet,
        .headers = &headers,
        .skip = packet_headers_parse(&wait->parser, &fragment->packet, &headers),
        .tag = fragment->tag,
        .waited = true,
        .ended_by = ended_by ? ended_by : &fragment->packet,
    };
    int rc = pass_on(wait, &joining, error);
    free(fragment);
    return rc;
}

static RARE int pass_all_over(struct fragment_wait *wait, const struct lcap_packet *packet,
                              struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && held_fragments_over(&wait->held, packet))
        rc = fragment_wait_end_oldest(wait, error);
    return rc;
}

static int pass_all_of(struct fragment_wait *wait, uint64_t datagram,
                       const struct lcap_packet *ended_by, struct lcap_error *error)
{
    struct held_fragment *fragment;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (fragment = held_fragments_oldest_of(&wait->held, datagram)))
        rc = pass_held(wait, fragment, ended_by, error);
    return rc;
}

/* Keeps the fragment that joining is about, or passes on those that waited for it, and then it. */
static RARE int take_fragment(struct fragment_wait *wait, const struct joining *joining,
                              struct lcap_error *error)
{
    const struct packet_headers *headers = joining->headers;
    if (headers->waits && headers->datagram && joining->packet->has_time) {
        int rc = held_fragments_add(&wait->held, joining->packet, headers->datagram, joining->tag,
                                    error);
        return rc < 0 ? rc : 1;
    }
    int rc = pass_all_of(wait, headers->datagram, joining->packet, error);
    return rc < 0 ? rc : pass_on(wait, joining, error);
}

int fragment_wait_pass(struct fragment_wait *wait, const struct lcap_packet *packet,
                       struct lcap_error *error)
{
    return wait->held.count > 0 ? pass_all_over(wait, packet, error) : LCAP_OK;
}

int fragment_wait_packet(struct fragment_wait *wait, const struct lcap_packet *packet, uint32_t tag,
                         struct lcap_error *error)
{
    int rc = fragment_wait_pass(wait, packet, error);
    if (rc < 0)
        return rc;
    const struct joining joining = {
        .packet = packet,
        .headers = &wait->headers,
        .skip = packet_headers_parse(&wait->parser, packet, &wait->headers),
        .tag = tag,
        .ended_by = packet,
    };
    return joining.skip == LCAP_SKIP_NONE && wait->headers.fragment
               ? take_fragment(wait, &joining, error)
               : pass_on(wait, &joining, error);
}

void parsed_packet_make(struct parsed_packet *parsed, const struct lcap_packet *packet,
                        bool inner_tunnels)
{
    struct header_parser parser = {.inner_tunnels = inner_tunnels};
    parsed->skip = packet_headers_parse(&parser, packet, &parsed->headers);
    parsed->is_fragment = parser.fragments.named > 0;
    if (parsed->is_fragment)
        header_parser_release(&parser);
}

int fragment_wait_parsed(struct fragment_wait *wait, const struct lcap_packet *packet,
                         const struct parsed_packet *parsed, uint32_t tag, struct lcap_error *error)
{
    if (parsed->is_fragment)
        return fragment_wait_packet(wait, packet, tag, error);
    const struct joining joining = {
        .packet = packet,
        .headers = &parsed->headers,
        .skip = parsed->skip,
        .tag = tag,
        .ended_by = packet,
    };
    const int rc = fragment_wait_pass(wait, packet, error);
    return rc < 0 ? rc : pass_on(wait, &joining, error);
}

int fragment_wait_end_oldest(struct fragment_wait *wait, struct lcap_error *error)
{
    struct held_fragment *fragment = held_fragments_oldest(&wait->held);
    return fragment ? pass_held(wait, fragment, NULL, error) : LCAP_OK;
}

int fragment_wait_end(struct fragment_wait *wait, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && wait->held.count > 0)
        rc = fragment_wait_end_oldest(wait, error);
    return rc;
}

void fragment_wait_release(struct fragment_wait *wait)
{
    held_fragments_release(&wait->held);
    header_parser_release(&wait->parser);
}
