/* The key of the flow that a packet belongs to. */
#ifndef FLOW_FLOW_KEY_H
#define FLOW_FLOW_KEY_H

#include "base/bytes.h"
#include "flow/flow.h"

/* Below, above or equal to 0, like the source endpoint compared with the destination. */
static inline int flow_key_compare_ends(const struct packet_headers *headers)
{
    for (size_t at = 0; at < sizeof headers->source; at += 8) {
        const uint64_t source = load64(headers->source + at, true);
        const uint64_t destination = load64(headers->destination + at, true);
        if (source != destination)
            return (source > destination) - (source < destination);
    }
    return (int)headers->source_port - (int)headers->destination_port;
}

/* `from_second`: the source of the packet is the second endpoint. */
static inline void flow_key_set(struct flow_key *key, const struct packet_headers *headers,
                                bool from_second, uint32_t sample)
{
    memcpy(key->address[0], from_second ? headers->destination : headers->source,
           sizeof key->address[0]);
    memcpy(key->address[1], from_second ? headers->source : headers->destination,
           sizeof key->address[1]);
    key->port[0] = from_second ? headers->destination_port : headers->source_port;
    key->port[1] = from_second ? headers->source_port : headers->destination_port;
    key->family = headers->family;
    key->protocol = headers->protocol;
    key->unknown_ports = headers->unknown_ports;
    key->sample = sample;
}

/* The same key for both directions, for any sample. */
static inline void flow_key_of_both(struct flow_key *key, const struct packet_headers *headers)
{
    const bool from_second = !headers->one_way && flow_key_compare_ends(headers) > 0;
    flow_key_set(key, headers, from_second, NO_SAMPLE);
}

#endif
