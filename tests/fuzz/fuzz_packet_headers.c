/*
 * Fuzz target: packets of any link type. The first byte is how a parser takes
 * them, the next two are the link type; then packets, each behind three bytes:
 * its length, and by how much it was longer on the wire.
 */
#include "packet/address_text.h"
#include "packet/community_id.h"
#include "packet/packet_headers.h"
#include "packet/tcp_options.h"
#include "packet/tls_hello.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

/* Every run of bytes lies in the packet, and no length contradicts another. */
static void check_lengths(const struct packet_headers *headers, const struct lcap_packet *packet)
{
    const uint8_t *end = packet->data + packet->caplen;
    require(headers->ip >= packet->data && headers->ip <= end);
    require(headers->ip_captured <= (size_t)(end - headers->ip));
    require(headers->ip_captured <= headers->ip_len);
    require(headers->ip_len <= packet->len);
    require(headers->ip_header_len <= headers->ip_captured);
    require(headers->payload_captured <= headers->payload_len);
    require(headers->ip_header_len + headers->transport_len + headers->payload_len <=
            headers->ip_len);
    require((headers->payload != NULL) == (headers->payload_captured > 0));
    if (headers->payload) {
        require(headers->payload > headers->ip && headers->payload < end);
        require(headers->payload_captured <= (size_t)(end - headers->payload));
    }
}

static void check_values(const struct packet_headers *headers)
{
    require(headers->family == FAMILY_ARP || headers->family == FAMILY_IPV4 ||
            headers->family == FAMILY_IPV6);
    require(headers->vlan == VLAN_NONE || headers->vlan < 4096);
    require(headers->tcp_flags < 512);
    require(headers->fragment || !headers->unknown_ports);
    require(!headers->unknown_ports || !headers->has_transport);
    require(headers->has_transport || headers->fragment || headers->transport_len == 0);
    require(!headers->waits || headers->fragment);
    require(!headers->unknown_lengths ||
            (headers->transport_len == 0 && headers->payload_len == 0));
    require(headers->tcp_known <= TCP_FIXED_LEN);
    require(headers->tcp_known == 0 || headers->protocol == IP_PROTOCOL_TCP);
    require(!headers->one_way || protocol_is_icmp(headers->protocol));
}

static void check_texts(const struct packet_headers *headers)
{
    char text[ADDRESS_TEXT], id[COMMUNITY_ID_TEXT];
    require(address_to_text(headers->family, headers->source, text) == strlen(text));
    require(address_to_text(headers->family, headers->destination, text) == strlen(text));
    require(strlen(protocol_name(headers->family, headers->protocol)) > 0);
    struct community_tuple tuple = {
        .family = headers->family,
        .protocol = headers->protocol,
        .source = headers->source,
        .destination = headers->destination,
        .source_port = headers->source_port,
        .destination_port = headers->destination_port,
    };
    require(community_id(&tuple, id) == strlen(id));
}

/* Names lie in the payload. */
static void check_names(const struct packet_headers *headers)
{
    const uint8_t *name;
    const char *host;
    uint32_t clock;
    size_t len;
    if (packet_dns_question(headers, &name, &len)) {
        require(packet_is_dns(headers) && len >= 1 && len <= 255 && name[len - 1] == 0);
        require(name >= headers->payload &&
                len <= headers->payload_captured - (size_t)(name - headers->payload));
    }
    if (tls_hello_server_name(headers, &host, &len)) {
        const uint8_t *at = (const uint8_t *)host;
        require(len >= 1 && len <= 255 && at > headers->payload);
        require(len <= headers->payload_captured - (size_t)(at - headers->payload));
    }
    tcp_options_timestamp(headers, &clock);
}

static void parse(struct header_parser *parser, struct lcap_packet *packet, const uint8_t *data)
{
    /* Of exactly its size, so that sanitizers see a read past its end. */
    uint8_t *copy = malloc(packet->caplen ? packet->caplen : 1);
    require(copy != NULL);
    memcpy(copy, data, packet->caplen);
    packet->data = copy;
    struct packet_headers headers;
    enum lcap_skip skip = packet_headers_parse(parser, packet, &headers);
    require(skip >= LCAP_SKIP_NONE && skip < LCAP_SKIP_PROFILE);
    if (skip == LCAP_SKIP_NONE) {
        check_lengths(&headers, packet);
        check_values(&headers);
        check_texts(&headers);
        check_names(&headers);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct header_parser parser = {.inner_tunnels = data[0] & 1};
    struct lcap_interface interface = {.linktype = (uint16_t)(data[1] << 8 | data[2]),
                                       .fcs_len = -1};
    const uint8_t *at = data + 3, *end = data + size;
    for (int64_t number = 0; end - at >= 3; number++) {
        size_t len = (size_t)at[0] << 8 | at[1];
        uint8_t more = at[2];
        at += 3;
        if (len > (size_t)(end - at))
            len = (size_t)(end - at);
        struct lcap_packet packet = {.interface = &interface,
                                     .caplen = (uint32_t)len,
                                     .len = (uint32_t)len + more,
                                     .has_time = true,
                                     .time_ns = number * 1000000000};
        parse(&parser, &packet, at);
        at += len;
    }
    header_parser_release(&parser);
    return 0;
}
