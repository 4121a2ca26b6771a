/* Later fragments have the ports of the first one. */
#include "headers_fixture.h"

#define SECOND ((int64_t)1000000000)

/* A fragment of 16 bytes of 10.0.0.`host`'s packet `id`; of UDP by `protocol` 11. */
static struct bytes ipv4_fragment(const char *id, const char *flags_and_offset,
                                  const char *protocol, const char *content)
{
    char hex[200];
    snprintf(hex, sizeof hex, "4500 0024 %s %s 40 %s 0000 0a000001 0a000002 %s 6162636465666768",
             id, flags_and_offset, protocol, content);
    return from_hex(hex);
}

#define PORTS  "1234 0035 0020 0000"
#define MIDDLE "aaaa bbbb cccc dddd"

static struct packet_headers parse_fragment(struct header_parser *parser, struct bytes bytes,
                                            int64_t time_ns)
{
    struct packet_headers headers;
    assert_int_equal(
        parse_bytes(parser, LINKTYPE_RAW, bytes.data, bytes.len, bytes.len, time_ns, &headers),
        LCAP_SKIP_NONE);
    free(bytes.data);
    return headers;
}

static void assert_ports(const struct packet_headers *headers)
{
    assert_int_equal(headers->source_port, 0x1234);
    assert_int_equal(headers->destination_port, 53);
    assert_false(headers->unknown_ports);
    assert_true(headers->fragment);
}

static void assert_no_ports(const struct packet_headers *headers)
{
    assert_int_equal(headers->source_port, 0);
    assert_int_equal(headers->destination_port, 0);
    assert_true(headers->unknown_ports);
    assert_true(headers->fragment);
    assert_false(headers->has_transport);
}

static void ipv4(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers =
        parse_fragment(&parser, ipv4_fragment("0007", "2000", "11", PORTS), 0);
    assert_ports(&headers);
    assert_true(headers.has_transport);
    assert_int_equal(headers.transport_len, 8);
    /* UDP's length is that of the whole; it says nothing of a part. */
    assert_int_equal(headers.payload_len, 8);
    headers =
        parse_fragment(&parser, ipv4_fragment("0008", "2000", "11", "1234 0035 000a 0000"), 0);
    assert_int_equal(headers.payload_len, 8);
    headers = parse_fragment(&parser, ipv4_fragment("0007", "2002", "11", MIDDLE), SECOND);
    assert_ports(&headers);
    assert_false(headers.has_transport);
    assert_int_equal(headers.transport_len, 0);
    assert_int_equal(headers.payload_len, 16);
    assert_int_equal(headers.payload_captured, 16);
    assert_int_equal(headers.payload - headers.ip, 20);
    headers = parse_fragment(&parser, ipv4_fragment("0007", "0004", "11", MIDDLE), 60 * SECOND);
    assert_ports(&headers);
    header_parser_release(&parser);
}

/* Another identification, protocol, address; too late; before the first one. */
static void not_of_this_packet(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers =
        parse_fragment(&parser, ipv4_fragment("0007", "0002", "11", MIDDLE), 0);
    assert_no_ports(&headers);
    parse_fragment(&parser, ipv4_fragment("0007", "2000", "11", PORTS), 100 * SECOND);
    headers = parse_fragment(&parser, ipv4_fragment("0008", "0002", "11", MIDDLE), 100 * SECOND);
    assert_no_ports(&headers);
    headers = parse_fragment(&parser, ipv4_fragment("0007", "0002", "06", MIDDLE), 100 * SECOND);
    assert_no_ports(&headers);
    struct bytes other = ipv4_fragment("0007", "0002", "11", MIDDLE);
    other.data[15] = 9;
    headers = parse_fragment(&parser, other, 100 * SECOND);
    assert_no_ports(&headers);
    headers =
        parse_fragment(&parser, ipv4_fragment("0007", "0002", "11", MIDDLE), 160 * SECOND + 1);
    assert_no_ports(&headers);
    headers = parse_fragment(&parser, ipv4_fragment("0007", "0002", "11", MIDDLE), INT64_MIN);
    assert_no_ports(&headers);
    headers = parse_fragment(&parser, ipv4_fragment("0007", "0002", "11", MIDDLE), 40 * SECOND);
    assert_ports(&headers);
    header_parser_release(&parser);
}

/* An identification is used again: the latest packet counts. */
static void identification_again(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    parse_fragment(&parser, ipv4_fragment("0007", "2000", "11", "0001 0002 0020 0000"), 0);
    parse_fragment(&parser, ipv4_fragment("0007", "2000", "11", PORTS), SECOND);
    struct packet_headers headers =
        parse_fragment(&parser, ipv4_fragment("0007", "0002", "11", MIDDLE), SECOND);
    assert_ports(&headers);
    header_parser_release(&parser);
}

#define IPV6_FRAGMENT(next, place, id) IPV6("0018", "2c") next " 00 " place " " id " "

static void ipv6(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("11", "0001", "00000007") PORTS PAYLOAD PAYLOAD), 0);
    assert_ports(&headers);
    assert_int_equal(headers.ip_header_len, 48);
    assert_int_equal(headers.payload_len, 8);
    headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("11", "0010", "00000007") MIDDLE PAYLOAD PAYLOAD), 0);
    assert_ports(&headers);
    assert_int_equal(headers.ip_header_len, 48);
    assert_int_equal(headers.payload_len, 16);
    headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("11", "0010", "00010007") MIDDLE PAYLOAD PAYLOAD), 0);
    assert_no_ports(&headers);
    /* All of a packet in one fragment: none. */
    headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("11", "0000", "00000009") PORTS PAYLOAD PAYLOAD), 0);
    assert_false(headers.fragment);
    assert_int_equal(headers.payload_len, 8);
    header_parser_release(&parser);
}

/* Later fragments do not show the headers that were between: they have the first one's protocol. */
static void extension_header_in_the_first(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("3c", "0001", "00000007") "11 00 0104 00000000" PORTS), 0);
    assert_ports(&headers);
    assert_int_equal(headers.protocol, IP_PROTOCOL_UDP);
    headers = parse_fragment(
        &parser, from_hex(IPV6_FRAGMENT("3c", "0010", "00000007") MIDDLE PAYLOAD PAYLOAD), 0);
    assert_ports(&headers);
    assert_int_equal(headers.protocol, IP_PROTOCOL_UDP);
    header_parser_release(&parser);
}

static struct bytes numbered(unsigned number, const char *flags_and_offset)
{
    char id[8], ports[40];
    snprintf(id, sizeof id, "%04x", number & 0xFFFF);
    snprintf(ports, sizeof ports, "%04x %04x 0020 0000", number & 0xFFFF, 1 + (number >> 16));
    struct bytes bytes = ipv4_fragment(id, flags_and_offset, "11", ports);
    bytes.data[14] = (uint8_t)(number >> 16);
    return bytes;
}

/* The table is bounded: of many the latest are remembered, none is taken for another. */
static void many_at_once(void **state)
{
    (void)state;
    enum { PACKETS = 100000, LATE = 50 };
    struct header_parser parser = {0};
    for (unsigned i = 0; i < PACKETS; i++)
        parse_fragment(&parser, numbered(i, "2000"), i);
    unsigned known = 0, late = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct packet_headers headers = parse_fragment(&parser, numbered(i, "0002"), PACKETS);
        if (headers.unknown_ports)
            continue;
        assert_int_equal(headers.source_port, i & 0xFFFF);
        assert_int_equal(headers.destination_port, 1 + (i >> 16));
        known++;
        late += i >= PACKETS - LATE;
    }
    /* 16,384 entries; that four later ones share a bucket with one of the last fifty
     * happens once in 10^8 runs. */
    assert_true(known > 10000 && known <= 16384);
    assert_int_equal(late, LATE);
    header_parser_release(&parser);
}

/* 8 bytes of content at `flags_and_offset` of a TCP packet of 10.0.0.1:4660 to 10.0.0.2:53. */
static struct packet_headers parse_tiny(struct header_parser *parser, const char *flags_and_offset,
                                        const char *content)
{
    char hex[200];
    snprintf(hex, sizeof hex, "4500 001c 0007 %s 40 06 0000 0a000001 0a000002 %s", flags_and_offset,
             content);
    return parse_fragment(parser, from_hex(hex), 0);
}

#define TINY_1 "1234 0035 00000007"
#define TINY_2 "00000000 6002 1000" /* a header of 24 bytes, SYN */
#define TINY_3 "0000 0000 020405b4"
#define TINY_4 "6162636465666768"

static void assert_syn(const struct packet_headers *first)
{
    assert_ports(first);
    assert_true(first->has_transport && packet_has_tcp(first) && !first->waits);
    assert_int_equal(first->tcp_flags, TCP_SYN);
    assert_int_equal(first->tcp_seq, 7);
    assert_int_equal(first->tcp_window, 0x1000);
    assert_int_equal(first->transport_len, 8);
    assert_int_equal(first->payload_len, 0);
    assert_null(first->payload);
}

/* Of a header that is in three fragments: ports at once, flags with the second one, all lengths. */
static void tcp_header_in_fragments(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers = parse_tiny(&parser, "2000", TINY_1);
    assert_ports(&headers);
    assert_true(headers.has_transport && headers.waits && !packet_has_tcp(&headers));
    assert_int_equal(headers.tcp_seq, 7);
    assert_int_equal(headers.transport_len, 8);
    headers = parse_tiny(&parser, "2001", TINY_2);
    assert_ports(&headers);
    assert_false(headers.has_transport || headers.waits);
    assert_int_equal(headers.transport_len, 8);
    headers = parse_tiny(&parser, "2000", TINY_1);
    assert_syn(&headers);
    headers = parse_tiny(&parser, "2002", TINY_3);
    assert_ports(&headers);
    assert_int_equal(headers.transport_len, 8);
    assert_int_equal(headers.payload_len, 0);
    headers = parse_tiny(&parser, "0003", TINY_4);
    assert_ports(&headers);
    assert_int_equal(headers.transport_len, 0);
    assert_int_equal(headers.payload_len, 8);
    header_parser_release(&parser);
}

/* The other way round, the first one is complete when it comes. */
static void tcp_header_in_fragments_backwards(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers = parse_tiny(&parser, "0002", TINY_3);
    assert_true(headers.unknown_ports && headers.waits);
    headers = parse_tiny(&parser, "2001", TINY_2);
    assert_true(headers.unknown_ports && headers.waits);
    headers = parse_tiny(&parser, "2000", TINY_1);
    assert_syn(&headers);
    header_parser_release(&parser);
}

/* RFC 1858, 4: fragments that lie over what has come before change nothing. */
static void what_comes_first_counts(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    parse_tiny(&parser, "2000", TINY_1);
    parse_tiny(&parser, "2001", TINY_2);
    parse_tiny(&parser, "2001", "00000000 5010 2000");
    struct packet_headers headers = parse_tiny(&parser, "2000", TINY_1);
    assert_syn(&headers);
    /* Another packet with its identification. */
    headers = parse_tiny(&parser, "2000", "4321 0035 00000009");
    assert_true(headers.waits);
    assert_int_equal(headers.source_port, 0x4321);
    header_parser_release(&parser);
}

/* What a snap length left out does not come with the next fragment. */
static void captured_in_part_it_does_not_wait(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    struct packet_headers headers;
    const struct bytes bytes = from_hex("4500 001c 0007 2000 40 06 0000 0a000001 0a000002" TINY_1);
    assert_int_equal(parse_bytes(&parser, LINKTYPE_RAW, bytes.data, 26, 28, 0, &headers),
                     LCAP_SKIP_NONE);
    free(bytes.data);
    assert_ports(&headers);
    assert_false(headers.waits);
    assert_int_equal(headers.tcp_known, 6);
    header_parser_release(&parser);
}

/* Type and code of ICMP stay with later fragments, as ports do. */
static void types_of_icmp(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    parse_fragment(&parser, ipv4_fragment("0007", "2000", "01", "0800 0000 0001 0001"), 0);
    struct packet_headers headers =
        parse_fragment(&parser, ipv4_fragment("0007", "0002", "01", MIDDLE), 0);
    assert_false(headers.unknown_ports);
    assert_int_equal(headers.source_port, 8);
    assert_int_equal(headers.destination_port, 0);
    headers = parse_fragment(&parser, ipv4_fragment("0008", "0002", "01", MIDDLE), 0);
    assert_true(headers.unknown_ports);
    header_parser_release(&parser);
}

static void release_of_nothing(void **state)
{
    (void)state;
    struct header_parser parser = {0};
    header_parser_release(&parser);
    header_parser_release(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4),
        cmocka_unit_test(not_of_this_packet),
        cmocka_unit_test(identification_again),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(extension_header_in_the_first),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(tcp_header_in_fragments),
        cmocka_unit_test(tcp_header_in_fragments_backwards),
        cmocka_unit_test(what_comes_first_counts),
        cmocka_unit_test(captured_in_part_it_does_not_wait),
        cmocka_unit_test(types_of_icmp),
        cmocka_unit_test(release_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
