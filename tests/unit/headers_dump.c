/*
 * What is told of each packet's headers as text, for tests that compare it with
 * what others say: a line for each packet, its columns named in the first line.
 * Columns that a packet has not are empty. With --inner tunnels are entered.
 */
#include "packet/address_text.h"
#include "packet/community_id.h"
#include "packet/packet_headers.h"
#include <inttypes.h>
#include <labelcap/capture.h>
#include <stdio.h>
#include <string.h>

static void print_addresses(const struct packet_headers *h)
{
    char text[ADDRESS_TEXT];
    address_to_text(h->family, h->source, text);
    printf("%s\t", text);
    address_to_text(h->family, h->destination, text);
    printf("%s\t", text);
}

static bool is_icmp(const struct packet_headers *h)
{
    return h->has_transport && protocol_is_icmp(h->protocol);
}

static void print_community_id(const struct packet_headers *h)
{
    char text[COMMUNITY_ID_TEXT];
    struct community_tuple tuple = {
        .family = h->family,
        .protocol = h->protocol,
        .source = h->source,
        .destination = h->destination,
        .source_port = h->source_port,
        .destination_port = h->destination_port,
    };
    community_id(&tuple, text);
    printf("%s\n", text);
}

static void print_tcp(const struct packet_headers *h)
{
    if (packet_has_tcp(h))
        printf("%u\t%u\t%u\t%u\t%" PRIu32 "\t%" PRIu32 "\t", h->tcp_flags, h->tcp_window,
               h->tcp_urgent, h->transport_len, h->tcp_seq, h->tcp_ack);
    else
        printf("\t\t\t\t\t\t");
}

static void print_headers(const struct packet_headers *h)
{
    printf("%s\t", protocol_name(h->family, h->protocol));
    printf("%u\t%u\t%u\t%u\t", h->family, h->protocol, h->ttl, h->tos);
    if (h->vlan != VLAN_NONE)
        printf("%u", h->vlan);
    const bool ports = protocol_has_ports(h->protocol);
    printf("\t%u\t%u\t", ports ? h->source_port : 0, ports ? h->destination_port : 0);
    print_addresses(h);
    printf("%" PRIu32 "\t%" PRIu32 "\t%u\t", h->ip_len, h->ip_captured, h->ip_header_len);
    printf("%d\t%d\t%d\t", h->fragment, h->has_transport, h->unknown_ports);
    printf("%u\t%" PRIu32 "\t%" PRIu32 "\t", h->transport_len, h->payload_len, h->payload_captured);
    print_tcp(h);
    if (is_icmp(h))
        printf("%u\t%u\t", h->icmp_type, h->icmp_code);
    else
        printf("\t\t");
    printf("%d\t", packet_is_dns(h));
    print_community_id(h);
}

static int dump(struct lcap_reader *reader, struct header_parser *parser, struct lcap_error *error)
{
    const struct lcap_block *block;
    uint64_t number = 0;
    int rc;
    puts("number\tlinktype\tcaplen\tlen\tskip\tname\tfamily\tprotocol\tttl\ttos\tvlan\t"
         "source_port\tdestination_port\tsource\tdestination\tip_len\tip_captured\tip_header_len\t"
         "fragment\thas_transport\tunknown_ports\ttransport_len\tpayload_len\tpayload_captured\t"
         "tcp_flags\ttcp_window\ttcp_urgent\ttcp_header_len\ttcp_seq\ttcp_ack\t"
         "icmp_type\ticmp_code\tdns\tcommunity_id");
    while ((rc = lcap_reader_next(reader, &block, error)) == 1) {
        if (block->kind != LCAP_BLOCK_PACKET)
            continue;
        const struct lcap_packet *packet = &block->packet;
        struct packet_headers headers;
        enum lcap_skip skip = packet_headers_parse(parser, packet, &headers);
        printf("%" PRIu64 "\t%u\t%u\t%u\t%d\t", ++number, packet->interface->linktype,
               packet->caplen, packet->len, skip);
        if (skip == LCAP_SKIP_NONE)
            print_headers(&headers);
        else
            putchar('\n');
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    struct header_parser parser = {.inner_tunnels = argc > 2 && strcmp(argv[1], "--inner") == 0};
    if (argc != 2 && !(argc == 3 && parser.inner_tunnels)) {
        fprintf(stderr, "usage: %s [--inner] CAPTURE\n", argv[0]);
        return 2;
    }
    int rc = lcap_reader_open(&reader, argv[argc - 1], NULL, &error);
    if (rc == LCAP_OK)
        rc = dump(reader, &parser, &error);
    if (rc < 0)
        fprintf(stderr, "%d %s\n", rc, error.text);
    header_parser_release(&parser);
    lcap_reader_free(reader);
    return rc < 0;
}
