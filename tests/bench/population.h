/*
 * Who talks to whom in the generated traffic. Flow number i is a pure function
 * of seed and i, so that rules can be written for flows without the capture.
 *
 * Clients live in 256 subnets: 10.<k/18>.<k>.0/24 for k below 179, and
 * 2001:db8:<k>::/64 for the others, which is 30 % of all. Servers live in
 * 198.18.0.0/15 (RFC 2544) and 2001:db8:ffff::/64.
 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include <stdbool.h>
#include <stdint.h>

#define SUBNETS      256
#define SUBNETS_IPV4 179

struct endpoint {
    bool ipv6;
    uint8_t address[16]; /* the first four for IPv4 */
    uint16_t port;
};

struct flow_tuple {
    bool udp;
    struct endpoint client;
    struct endpoint server;
};

/* splitmix64 (Steele, Lea, Flood 2014): a well mixed number from any number. */
uint64_t mix64(uint64_t value);

/* Tuples differ for flow numbers below 110,000. */
struct flow_tuple population_flow(uint64_t seed, uint64_t number);

/* "10.3.60.0/24", "2001:db8:b3::/64": client subnet k. */
#define SUBNET_TEXT 64
void population_subnet_text(unsigned subnet, char text[SUBNET_TEXT]);

#endif
