/* Rules files that go with the generated traffic. */
#ifndef BENCH_TRAFFIC_RULES_H
#define BENCH_TRAFFIC_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct traffic_rules {
    uint64_t seed;
    uint64_t count; /* of rules */
};

/*
 * Writes rules of a kind; false for a kind that is not known.
 *
 *     ten         hosts, nets, ports, protocols: together they match every packet
 *     mixed       5-tuples, hosts, nets, hosts with ports, half of them with time
 *                 windows; the last ten are those of "ten", so that every packet matches
 *     portranges  as many different port ranges, then "ten"
 *     prefixes    nets with prefixes of 9 to 32 and 33 to 128 bits, then "ten"
 *     subnets     256 rules, whatever the count: one sample for each client subnet
 *     flows       a sample for each flow, by 5-tuple and hash_key
 *     table       no rules, but a table of flows, which `labelcap rules` reads
 *     files       FILE rules for the files of --files, eight applications
 */
bool traffic_rules_write(FILE *out, const char *kind, const struct traffic_rules *rules);

#endif
