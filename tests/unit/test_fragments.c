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
        cmocka_unit_test(release_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
