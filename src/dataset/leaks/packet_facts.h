/*
 * What of a packet may tell its label: fields that a model can learn by heart, and marks
 * by which a packet, or what it belongs to, is known again. All values are numbers of 64
 * bits: short fields as they are, all else by SipHash-2-4 under a key that is public, so
 * that anybody can compute which values are counted.
 *
 * Of tunnels, the outermost headers count, as in labelcap-flows(1).
 */
#ifndef DATASET_LEAKS_PACKET_FACTS_H
#define DATASET_LEAKS_PACKET_FACTS_H

#include "packet/packet_headers.h"

/* In the order of the report. */
enum leak_field {
    LEAK_SOURCE_MAC,
    LEAK_DESTINATION_MAC,
    LEAK_SOURCE_ADDRESS,
    LEAK_DESTINATION_ADDRESS,
    LEAK_SOURCE_PORT,
    LEAK_DESTINATION_PORT,
    LEAK_TCP_SEQUENCE,
    LEAK_TCP_ACKNOWLEDGEMENT,
    LEAK_TCP_WINDOW,
    LEAK_TCP_TIMESTAMP,
    LEAK_IP_ID,
    LEAK_TTL,
    LEAK_LENGTH,
    LEAK_PAYLOAD_START,
    LEAK_SERVER_NAME,
    LEAK_DNS_NAME,
    LEAK_FIELDS,
    /* Not fields, but marks: */
    LEAK_FLOW = LEAK_FIELDS,
    LEAK_PAYLOAD,
    LEAK_PACKET,
    LEAK_VALUES
};

/* In JSON and tables; and for people. Only of fields. */
const char *leak_field_key(enum leak_field field);
const char *leak_field_title(enum leak_field field);

struct packet_facts {
    uint32_t known; /* bits: which values are there */
    uint64_t values[LEAK_VALUES];
};

static inline bool packet_facts_know(const struct packet_facts *facts, unsigned value)
{
    return facts->known >> value & 1;
}

/* Bytes of the payload that count as its start, and the least that make it a mark. */
enum { LEAK_START = 8, LEAK_LEAST_PAYLOAD = 16 };

void packet_facts_read(struct header_parser *parser, const struct lcap_packet *packet,
                       struct packet_facts *facts);

/* The hash of these bytes. */
uint64_t packet_facts_hash(const void *bytes, size_t len);

#endif
