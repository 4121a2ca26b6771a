/* A packet, and what rules ask of it besides its bytes. */
#ifndef LABEL_SUBJECT_H
#define LABEL_SUBJECT_H

#include "label/rules_internal.h"
#include "packet/packet_headers.h"

struct subject {
    const struct lcap_packet *packet;
    const struct packet_headers *headers; /* NULL: it has no addresses */
    uint32_t file;                        /* or LCAP_NO_FILE */
    uint64_t number;                      /* in its file, from 1 */
};

/* The address of the packet that EACH:host means: its source if that is inside; NULL if none is. */
static inline const uint8_t *subject_host(const struct subject *subject,
                                          const struct network *network)
{
    const struct packet_headers *headers = subject->headers;
    if (!headers)
        return NULL;
    if (network_holds(network, headers->family, headers->source))
        return headers->source;
    return network_holds(network, headers->family, headers->destination) ? headers->destination
                                                                         : NULL;
}

#endif
