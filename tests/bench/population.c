/* Addresses and ports of the generated flows. */
#include "population.h"

#include <stdio.h>
#include <string.h>

#define SERVERS          2000
#define HOSTS_PER_SUBNET 12
/* A stretch of ephemeral ports of which tshark takes none for a protocol. */
#define FIRST_PORT       60002
#define CLIENT_PORTS     5500
/* Flows that share a client port get different hosts, so that no tuple comes twice. */
#define PORT_ROUNDS      20

/* Ports whose protocols tshark does not try to find in the letters that fill the packets. */
static const uint16_t tcp_ports[] = {443, 443, 443, 80, 80, 8443, 9443, 5201, 21000, 22000};
static const uint16_t udp_ports[] = {7777, 20101, 20102, 21001, 21002};

uint64_t mix64(uint64_t value)
{
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static struct endpoint client_address(unsigned subnet, unsigned host)
{
    struct endpoint client = {.ipv6 = subnet >= SUBNETS_IPV4};
    if (client.ipv6)
        memcpy(client.address, (uint8_t[16]){0x20, 1, 0x0d, 0xb8, 0, (uint8_t)subnet}, 16);
    else
        memcpy(client.address, (uint8_t[3]){10, (uint8_t)(subnet / 18), (uint8_t)subnet}, 3);
    client.address[client.ipv6 ? 15 : 3] = (uint8_t)host;
    return client;
}

static struct endpoint server_address(unsigned number, bool ipv6)
{
    struct endpoint server = {.ipv6 = ipv6};
    if (ipv6)
        memcpy(server.address, (uint8_t[16]){0x20, 1, 0x0d, 0xb8, 0xff, 0xff}, 16);
    else
        memcpy(server.address, (uint8_t[2]){198, 18}, 2);
    server.address[ipv6 ? 14 : 2] = (uint8_t)(number >> 8);
    server.address[ipv6 ? 15 : 3] = (uint8_t)number;
    return server;
}

struct flow_tuple population_flow(uint64_t seed, uint64_t number)
{
    uint64_t bits = mix64(seed ^ mix64(number));
    struct flow_tuple flow = {.udp = bits % 4 == 0};
    unsigned subnet = bits >> 8 & (SUBNETS - 1);
    unsigned host = (unsigned)((bits >> 16) % HOSTS_PER_SUBNET * PORT_ROUNDS +
                               number / CLIENT_PORTS % PORT_ROUNDS);
    flow.client = client_address(subnet, host + 1);
    flow.client.port = (uint16_t)(FIRST_PORT + number % CLIENT_PORTS);

    /* The product of two draws: few servers have many clients, many have few. */
    unsigned server = (unsigned)((bits >> 24) % SERVERS * ((bits >> 36) % SERVERS) / SERVERS);
    flow.server = server_address(server, flow.client.ipv6);
    if (flow.udp)
        flow.server.port = udp_ports[server % (sizeof udp_ports / sizeof *udp_ports)];
    else
        flow.server.port = tcp_ports[server % (sizeof tcp_ports / sizeof *tcp_ports)];
    return flow;
}

void population_subnet_text(unsigned subnet, char text[SUBNET_TEXT])
{
    if (subnet < SUBNETS_IPV4)
        snprintf(text, SUBNET_TEXT, "10.%u.%u.0/24", subnet / 18, subnet);
    else
        snprintf(text, SUBNET_TEXT, "2001:db8:%x::/64", subnet);
}
