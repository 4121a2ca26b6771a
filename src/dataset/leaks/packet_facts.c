/* Takes the fields from the headers. */
#include "dataset/leaks/packet_facts.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "capture/linktype.h"
#include "flow/flow_key.h"
#include "packet/tcp_options.h"
#include "packet/tls_hello.h"

static const struct {
    const char *key, *title;
} names[LEAK_FIELDS] = {
    [LEAK_SOURCE_MAC] = {"source_mac", "source MAC"},
    [LEAK_DESTINATION_MAC] = {"destination_mac", "destination MAC"},
    [LEAK_SOURCE_ADDRESS] = {"source_address", "source address"},
    [LEAK_DESTINATION_ADDRESS] = {"destination_address", "destination address"},
    [LEAK_SOURCE_PORT] = {"source_port", "source port"},
    [LEAK_DESTINATION_PORT] = {"destination_port", "destination port"},
    [LEAK_TCP_SEQUENCE] = {"tcp_sequence", "TCP sequence number"},
    [LEAK_TCP_ACKNOWLEDGEMENT] = {"tcp_acknowledgement", "TCP acknowledgement"},
    [LEAK_TCP_WINDOW] = {"tcp_window", "TCP window"},
    [LEAK_TCP_TIMESTAMP] = {"tcp_timestamp", "TCP timestamp"},
    [LEAK_IP_ID] = {"ip_id", "IP ID"},
    [LEAK_TTL] = {"ttl", "time to live"},
    [LEAK_LENGTH] = {"length", "packet length"},
    [LEAK_PAYLOAD_START] = {"payload_start", "first payload bytes"},
    [LEAK_SERVER_NAME] = {"tls_server_name", "TLS server name"},
    [LEAK_DNS_NAME] = {"dns_name", "DNS name"},
};

const char *leak_field_key(enum leak_field field)
{
    return names[field].key;
}

const char *leak_field_title(enum leak_field field)
{
    return names[field].title;
}

uint64_t packet_facts_hash(const void *bytes, size_t len)
{
    static const uint8_t key[HASH_KEY_LEN] = "labelcap.leaks.1";
    return hash_siphash(key, bytes, len);
}

static void set(struct packet_facts *facts, unsigned value, uint64_t number)
{
    facts->known |= 1u << value;
    facts->values[value] = number;
}

/* ---- the link and the network ---- */

static uint64_t load48(const uint8_t *at)
{
    return (uint64_t)load16(at, true) << 32 | load32(at + 2, true);
}

static void read_macs(const struct lcap_packet *packet, struct packet_facts *facts)
{
    if (packet->interface->linktype != LINKTYPE_ETHERNET || packet->caplen < 12)
        return;
    set(facts, LEAK_DESTINATION_MAC, load48(packet->data));
    set(facts, LEAK_SOURCE_MAC, load48(packet->data + 6));
}

/* IPv4 as it is, IPv6 by its hash. */
static uint64_t address_value(const struct packet_headers *headers, const uint8_t *address)
{
    return headers->family == FAMILY_IPV6 ? packet_facts_hash(address, 16) : load32(address, true);
}

static void read_network(const struct packet_headers *headers, struct packet_facts *facts)
{
    set(facts, LEAK_SOURCE_ADDRESS, address_value(headers, headers->source));
    set(facts, LEAK_DESTINATION_ADDRESS, address_value(headers, headers->destination));
    if (headers->family == FAMILY_IPV4)
        set(facts, LEAK_IP_ID, headers->ip[4]);
    if (headers->family != FAMILY_ARP)
        set(facts, LEAK_TTL, headers->ttl);
}

/* ---- the transport ---- */

static void read_tcp(const struct packet_headers *headers, struct packet_facts *facts)
{
    uint32_t clock;
    if (packet_has_sequence(headers))
        set(facts, LEAK_TCP_SEQUENCE, headers->tcp_seq >> 16);
    if (headers->tcp_flags & TCP_ACK)
        set(facts, LEAK_TCP_ACKNOWLEDGEMENT, headers->tcp_ack >> 16);
    if (packet_has_window(headers))
        set(facts, LEAK_TCP_WINDOW, headers->tcp_window);
    if (tcp_options_timestamp(headers, &clock))
        set(facts, LEAK_TCP_TIMESTAMP, clock >> 16);
}

static void read_transport(const struct packet_headers *headers, struct packet_facts *facts)
{
    if (protocol_has_ports(headers->protocol) && !headers->unknown_ports) {
        set(facts, LEAK_SOURCE_PORT, headers->source_port);
        set(facts, LEAK_DESTINATION_PORT, headers->destination_port);
    }
    read_tcp(headers, facts);
}

/* ---- the payload ---- */

/* Names are the same in any case of letters. */
static uint64_t name_value(const void *name, size_t len)
{
    uint8_t lower[UINT8_MAX];
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = ((const uint8_t *)name)[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
    }
    return packet_facts_hash(lower, len);
}

static void read_names(const struct packet_headers *headers, struct packet_facts *facts)
{
    const char *host;
    const uint8_t *name;
    size_t len;
    if (tls_hello_server_name(headers, &host, &len))
        set(facts, LEAK_SERVER_NAME, name_value(host, len));
    if (packet_dns_question(headers, &name, &len))
        set(facts, LEAK_DNS_NAME, name_value(name, len));
}

/* All of them as they are, fewer by their hash. */
static uint64_t start_value(const uint8_t *payload, uint32_t len)
{
    return len < LEAK_START ? packet_facts_hash(payload, len) : load64(payload, true);
}

static void read_payload(const struct packet_headers *headers, struct packet_facts *facts)
{
    const uint32_t len = headers->payload_captured;
    if (len == 0 || !headers->has_transport)
        return;
    set(facts, LEAK_PAYLOAD_START, start_value(headers->payload, len));
    if (len >= LEAK_LEAST_PAYLOAD)
        set(facts, LEAK_PAYLOAD, packet_facts_hash(headers->payload, len));
    read_names(headers, facts);
}

/* ---- marks ---- */

static void read_flow(const struct packet_headers *headers, struct packet_facts *facts)
{
    struct flow_key key;
    flow_key_of_both(&key, headers);
    set(facts, LEAK_FLOW, packet_facts_hash(&key, sizeof key));
}

/* The bytes before the payload, the hash of the payload, and the bytes behind it: so the payload is
 * hashed once. */
static uint64_t packet_value(const struct lcap_packet *packet, const struct packet_headers *headers,
                             const struct packet_facts *facts)
{
    const uint8_t *end = packet->data + packet->caplen;
    uint64_t parts[3];
    if (!packet_facts_know(facts, LEAK_PAYLOAD))
        return packet_facts_hash(packet->data, packet->caplen);
    const uint8_t *behind = headers->payload + headers->payload_captured;
    parts[0] = packet_facts_hash(packet->data, (size_t)(headers->payload - packet->data));
    parts[1] = facts->values[LEAK_PAYLOAD];
    parts[2] = behind < end ? packet_facts_hash(behind, (size_t)(end - behind)) : 0;
    return packet_facts_hash(parts, sizeof parts);
}

void packet_facts_read(struct header_parser *parser, const struct lcap_packet *packet,
                       struct packet_facts *facts)
{
    struct packet_headers headers;
    facts->known = 0;
    set(facts, LEAK_LENGTH, packet->len);
    read_macs(packet, facts);
    if (packet_headers_parse(parser, packet, &headers) == LCAP_SKIP_NONE) {
        read_network(&headers, facts);
        read_transport(&headers, facts);
        read_payload(&headers, facts);
        read_flow(&headers, facts);
    }
    set(facts, LEAK_PACKET, packet_value(packet, &headers, facts));
}
