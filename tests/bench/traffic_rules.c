/* Rules for the generated flows; they are known without looking at any packet. */
#include "traffic_rules.h"

#include "population.h"
#include "traffic.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

static const char *address_text(const struct endpoint *endpoint, char text[INET6_ADDRSTRLEN])
{
    return inet_ntop(endpoint->ipv6 ? AF_INET6 : AF_INET, endpoint->address, text,
                     INET6_ADDRSTRLEN);
}

static const char *protocol_of(const struct flow_tuple *flow)
{
    return flow->udp ? "udp" : "tcp";
}

static void write_ten(FILE *out, uint64_t seed)
{
    char host[INET6_ADDRSTRLEN];
    struct flow_tuple first = population_flow(seed, 0);
    fprintf(out, "BPF:host %s,ten0,\n", address_text(&first.client, host));
    fputs("BPF:net 10.0.0.0/16,ten1,\n"
          "BPF:net 10.1.0.0/16 and tcp,ten2,\n"
          "BPF:net 10.1.0.0/16 and udp,ten3,\n"
          "BPF:ip and tcp port 443,ten4,\n"
          "BPF:ip and tcp port 80,ten5,\n"
          "BPF:ip and udp,ten6,\n"
          "BPF:ip,ten7,\n"
          "BPF:ip6 and tcp port 443,ten8,\n"
          "BPF:ip6,ten9,\n",
          out);
}

static void write_tuple(FILE *out, const struct flow_tuple *flow)
{
    char client[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN];
    fprintf(out, "BPF:%s and host %s and port %u and host %s and port %u", protocol_of(flow),
            address_text(&flow->client, client), flow->client.port,
            address_text(&flow->server, server), flow->server.port);
}

/* A net of the client's address with the last bits off. */
static void write_net(FILE *out, const struct endpoint *client, unsigned prefix)
{
    struct endpoint net = *client;
    for (unsigned bit = prefix; bit < (net.ipv6 ? 128 : 32); bit++)
        net.address[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    char text[INET6_ADDRSTRLEN];
    fprintf(out, "BPF:net %s/%u", address_text(&net, text), prefix);
}

/* Every second rule has a window: the first half, the second, the middle of the capture, all of it.
 */
static void write_window(FILE *out, uint64_t number)
{
    static const struct {
        int start, end;
    } windows[] = {{0, TRAFFIC_SECONDS / 2 - 1},
                   {TRAFFIC_SECONDS / 2, 2 * TRAFFIC_SECONDS},
                   {TRAFFIC_SECONDS / 4, TRAFFIC_SECONDS * 3 / 4},
                   {0, 2 * TRAFFIC_SECONDS}};
    if (number % 2 == 0)
        return;
    fprintf(out, "|TS_START:%d|TS_END:%d", TRAFFIC_START + windows[number / 2 % 4].start,
            TRAFFIC_START + windows[number / 2 % 4].end);
}

/* A row of a table of flows; the flow would begin and end in these hundred seconds. */
static void write_table_row(FILE *out, uint64_t seed, uint64_t number)
{
    struct flow_tuple flow = population_flow(seed, number);
    uint64_t start = TRAFFIC_START + mix64(number) % TRAFFIC_SECONDS;
    char client[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN];
    fprintf(out, "%" PRIu64 ",%" PRIu64 ",%s,%u,%s,%u,%s,app%" PRIu64 "\n", start, start + 99,
            address_text(&flow.client, client), flow.client.port,
            address_text(&flow.server, server), flow.server.port, protocol_of(&flow), number % 100);
}

static void write_table(FILE *out, const struct traffic_rules *rules)
{
    fputs("start,end,source,source_port,destination,destination_port,protocol,label\n", out);
    for (uint64_t number = 0; number < rules->count; number++)
        write_table_row(out, rules->seed, number);
}

static void write_mixed(FILE *out, uint64_t seed, uint64_t number)
{
    struct flow_tuple flow = population_flow(seed, number);
    char client[INET6_ADDRSTRLEN];
    uint64_t kind = mix64(number) % 20;
    if (kind < 10)
        write_tuple(out, &flow);
    else if (kind < 15)
        fprintf(out, "BPF:host %s", address_text(&flow.client, client));
    else if (kind < 18)
        write_net(out, &flow.client, flow.client.ipv6 ? 122 : 28);
    else
        fprintf(out, "BPF:host %s and %s port %u", address_text(&flow.client, client),
                protocol_of(&flow), flow.client.port);
    write_window(out, number);
    fprintf(out, ",app%" PRIu64 ",\n", number % 100);
}

static void write_port_range(FILE *out, uint64_t number)
{
    /* Among the clients' ports; the ranges overlap and no two are the same below 800,000. */
    uint64_t first = 60002 + number * 7919 % 4000, width = 1 + number / 4000 * 7 + number % 7;
    fprintf(out, "BPF:%s portrange %" PRIu64 "-%" PRIu64 ",app%" PRIu64 ",\n",
            number % 4 ? "tcp" : "udp", first, first + width, number % 100);
}

static void write_prefix(FILE *out, uint64_t seed, uint64_t number)
{
    struct flow_tuple flow = population_flow(seed, number);
    uint64_t bits = mix64(number);
    /* Few short prefixes, or they would cover all that follow. */
    unsigned prefix = flow.client.ipv6 ? 128 - bits % 64 : 32 - bits % 9;
    if (number % 1000 == 999)
        prefix = flow.client.ipv6 ? 33 + bits % 95 : 9 + bits % 24;
    write_net(out, &flow.client, prefix);
    fprintf(out, ",app%" PRIu64 ",\n", number % 100);
}

static void write_subnets(FILE *out)
{
    char text[SUBNET_TEXT];
    for (unsigned subnet = 0; subnet < SUBNETS; subnet++) {
        population_subnet_text(subnet, text);
        fprintf(out, "BPF:net %s,app%u,subnet-%u\n", text, subnet % 8, subnet);
    }
}

static void write_flow(FILE *out, uint64_t seed, uint64_t number)
{
    struct flow_tuple flow = population_flow(seed, number);
    write_tuple(out, &flow);
    fprintf(out, ",app%" PRIu64 ",flow-%" PRIu64 "\n", number % 8, number);
}

static void write_one(FILE *out, const char *kind, uint64_t seed, uint64_t number)
{
    if (strcmp(kind, "mixed") == 0)
        write_mixed(out, seed, number);
    else if (strcmp(kind, "portranges") == 0)
        write_port_range(out, number);
    else if (strcmp(kind, "prefixes") == 0)
        write_prefix(out, seed, number);
    else if (strcmp(kind, "flows") == 0)
        write_flow(out, seed, number);
    else
        fprintf(out, "FILE:f%05" PRIu64 ".pcap,app%" PRIu64 ",\n", number, number % 8);
}

bool traffic_rules_write(FILE *out, const char *kind, const struct traffic_rules *rules)
{
    static const char *const repeated[] = {"mixed",    "ground-truth", "portranges",
                                           "prefixes", "flows",        "files"};
    if (strcmp(kind, "table") == 0) {
        write_table(out, rules);
        return true;
    }
    fputs("traffic_filter,metadata,hash_key\n", out);
    if (strcmp(kind, "ten") == 0) {
        write_ten(out, rules->seed);
        return true;
    }
    if (strcmp(kind, "subnets") == 0) {
        write_subnets(out);
        return true;
    }
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
        if (strcmp(kind, repeated[i]) != 0)
            continue;
        bool with_ten = i < 3;
        uint64_t count = rules->count > 10 && with_ten ? rules->count - 10 : rules->count;
        for (uint64_t number = 0; number < count; number++)
            write_one(out, kind, rules->seed, number);
        if (with_ten)
            write_ten(out, rules->seed);
        return true;
    }
    return false;
}
