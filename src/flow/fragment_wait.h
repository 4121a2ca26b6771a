/*
 * The order in which packets join flows, for everything that has flows.
 *
 * Fragments that have to wait for another one do so within the limits of
 * packet/held_fragments.h: later ones that come before their first one wait for its
 * ports, and first ones that are too short for the flags of TCP wait for the next one.
 * All of a packet are passed on right before the fragment that they waited for, in
 * order of arrival. The others are passed on with what is known when their wait is
 * over, oldest first: before the packet that ends the wait, or at the end of the
 * stream. Packets without a time do not wait.
 */
#ifndef FLOW_FRAGMENT_WAIT_H
#define FLOW_FRAGMENT_WAIT_H

#include "packet/held_fragments.h"
#include "packet/packet_headers.h"

/* A packet whose turn it is. */
struct joining {
    const struct lcap_packet *packet; /* if it waited, a copy without options */
    const struct packet_headers *headers;
    enum lcap_skip skip; /* LCAP_SKIP_NONE, or why it is in no flow; then without headers */
    uint32_t tag;        /* the caller's */
    bool waited;
    const struct lcap_packet *ended_by; /* the fragment it waited for; without one, itself */
};

typedef int joining_function(void *context, const struct joining *joining,
                             struct lcap_error *error);

/* All zero but for the function, its context and options of the parser. */
struct fragment_wait {
    struct header_parser parser;
    struct packet_headers headers; /* of the packet given last */
    struct held_fragments held;
    joining_function *function;
    void *context;
};

/* Returns 0, 1 if the packet itself waits, or the code of the function. */
int fragment_wait_packet(struct fragment_wait *wait, const struct lcap_packet *packet, uint32_t tag,
                         struct lcap_error *error);

/* A packet as it is parsed without those before it, by any thread. */
struct parsed_packet {
    struct packet_headers headers;
    enum lcap_skip skip; /* as packet_headers_parse() returns it */
    bool is_fragment;    /* it has to be parsed again, in its turn */
};

void parsed_packet_make(struct parsed_packet *parsed, const struct lcap_packet *packet,
                        bool inner_tunnels);

/* As fragment_wait_packet(). */
int fragment_wait_parsed(struct fragment_wait *wait, const struct lcap_packet *packet,
                         const struct parsed_packet *parsed, uint32_t tag,
                         struct lcap_error *error);

/* A packet that is no fragment, and goes another way: fragments that waited for its time pass. */
int fragment_wait_pass(struct fragment_wait *wait, const struct lcap_packet *packet,
                       struct lcap_error *error);

/* Passes on the fragment that has waited longest, if any, and all of them. */
int fragment_wait_end_oldest(struct fragment_wait *wait, struct lcap_error *error);
int fragment_wait_end(struct fragment_wait *wait, struct lcap_error *error);

void fragment_wait_release(struct fragment_wait *wait);

#endif
