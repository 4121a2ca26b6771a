/* Headers of IP and of transport protocols. */
#include "headers_fixture.h"

static void all_of_a_tcp_packet(void **state)
{
    (void)state;
    struct packet_headers headers = parse_good(LINKTYPE_RAW, TCP_PACKET);
    assert_tcp_packet(&headers);
    assert_int_equal(headers.ttl, 64);
    assert_int_equal(headers.tos, 0xb8);
    assert_int_equal(headers.vlan, VLAN_NONE);
    assert_int_equal(headers.destination_port, 49152);
    assert_memory_equal(headers.source, "\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_memory_equal(headers.destination, "\x0a\0\0\2\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(headers.ip_header_len, 20);
    assert_false(headers.fragment);
    assert_true(headers.has_transport);
    assert_false(headers.unknown_ports);
    assert_int_equal(headers.transport_len, 20);
    assert_int_equal(headers.payload - headers.ip, 40);
    assert_int_equal(headers.tcp_flags, TCP_PSH | TCP_ACK);
    assert_int_equal(headers.tcp_window, 0x2000);
    assert_int_equal(headers.tcp_urgent, 7);
    assert_int_equal(headers.tcp_seq, 0x01020304);
    assert_int_equal(headers.tcp_ack, 0xa0b0c0d0);
    assert_int_equal(headers.icmp_type, 0);
    assert_int_equal(headers.icmp_code, 0);
}

static void all_of_a_udp_packet(void **state)
{
    (void)state;
    struct packet_headers headers = parse_good(LINKTYPE_RAW, UDP_PACKET_IPV6);
    assert_udp_packet_ipv6(&headers);
    assert_int_equal(headers.ttl, 63);
    assert_int_equal(headers.tos, 0x12);
    assert_int_equal(headers.source_port, 53);
    assert_int_equal(headers.source[15], 1);
    assert_int_equal(headers.destination[15], 2);
    assert_int_equal(headers.ip_header_len, 40);
    assert_int_equal(headers.transport_len, 8);
    assert_int_equal(headers.payload - headers.ip, 48);
    assert_int_equal(headers.tcp_flags, 0);
}

#define TCP_FLAGS(flags) IPV4_TO_TCP "0050 c000 01020304 a0b0c0d0 " flags " 2000 0000 0000" PAYLOAD

static void flags_of_tcp(void **state)
{
    (void)state;
    assert_int_equal(parse_good(LINKTYPE_RAW, TCP_FLAGS("5002")).tcp_flags, TCP_SYN);
    assert_int_equal(parse_good(LINKTYPE_RAW, TCP_FLAGS("51ff")).tcp_flags, 0x1ff);
    assert_int_equal(parse_good(LINKTYPE_RAW, TCP_FLAGS("5f00")).tcp_flags, TCP_NS);
    assert_int_equal(parse_good(LINKTYPE_RAW, TCP_FLAGS("50e0")).tcp_flags,
                     TCP_CWR | TCP_ECE | TCP_URG);
}

/* Lengths of `hex` as if `len` bytes had been on the wire, of which `caplen` were captured. */
static struct packet_headers snapped(const char *hex, uint32_t caplen, uint32_t len)
{
    struct header_parser parser = {0};
    struct packet_headers headers;
    struct bytes bytes = from_hex(hex);
    assert_true(caplen <= bytes.len);
    assert_int_equal(parse_bytes(&parser, LINKTYPE_RAW, bytes.data, caplen, len, 0, &headers),
                     LCAP_SKIP_NONE);
    free(bytes.data);
    return headers;
}

static void snapped_packets_have_their_lengths(void **state)
{
    (void)state;
    static const char hex[] = "4500 05dc 0000 0000 40 06 0000 0a000001 0a000002 "
                              "0050 c000 00000000 00000000 8010 2000 0000 0000 01010101";
    struct packet_headers headers = snapped(hex, 40, 1500);
    assert_int_equal(headers.ip_len, 1500);
    assert_int_equal(headers.ip_captured, 40);
    assert_int_equal(headers.transport_len, 32);
    assert_int_equal(headers.payload_len, 1448);
    assert_int_equal(headers.payload_captured, 0);
    assert_null(headers.payload);
    headers = snapped(hex, 44, 1500);
    assert_int_equal(headers.payload_len, 1448);
    assert_null(headers.payload);
}

static void lengths_of_ipv4_that_lie(void **state)
{
    (void)state;
#define IPV4_LEN(len) "4500 " len " 0000 0000 40 06 0000 0a000001 0a000002" TCP PAYLOAD
    /* More than there was. */
    struct packet_headers headers = parse_good(LINKTYPE_RAW, IPV4_LEN("ffff"));
    assert_int_equal(headers.ip_len, 44);
    assert_int_equal(headers.payload_len, 4);
    assert_int_equal(snapped(IPV4_LEN("ffff"), 44, 100).payload_len, 60);
    /* None: still to be cut by the network card. */
    headers = parse_good(LINKTYPE_RAW, IPV4_LEN("0000"));
    assert_int_equal(headers.ip_len, 44);
    assert_int_equal(snapped(IPV4_LEN("0000"), 44, 64000).payload_len, 63960);
    /* Less: the rest is padding. */
    headers = parse_good(LINKTYPE_RAW, IPV4_LEN("0029"));
    assert_int_equal(headers.ip_len, 41);
    assert_int_equal(headers.payload_captured, 1);
    headers = parse_good(LINKTYPE_RAW, IPV4_LEN("0028"));
    assert_int_equal(headers.payload_len, 0);
    assert_null(headers.payload);
    assert_int_equal(why_not(LINKTYPE_RAW, IPV4_LEN("0013")), LCAP_SKIP_IP_HEADER);
    assert_int_equal(why_not(LINKTYPE_RAW, IPV4_LEN("0027")), LCAP_SKIP_TRANSPORT);
    /* A file that has captured more than was there. */
    assert_int_equal(snapped(IPV4_LEN("002c"), 44, 10).payload_len, 4);
}

static void headers_of_ipv4_that_lie(void **state)
{
    (void)state;
    static const char tail[] = " 00 002c 0000 0000 40 06 0000 0a000001 0a000002" TCP PAYLOAD;
    char hex[sizeof tail + 2] = "44";
    memcpy(hex + 2, tail, sizeof tail);
    assert_int_equal(why_not(LINKTYPE_RAW, hex), LCAP_SKIP_IP_HEADER);
    hex[1] = 'c'; /* 48 bytes, of 44 */
    assert_int_equal(why_not(LINKTYPE_RAW, hex), LCAP_SKIP_IP_HEADER);
    hex[1] = '6'; /* options */
    struct packet_headers headers = parse_good(
        LINKTYPE_RAW, "4600 0030 0000 0000 40 06 0000 0a000001 0a000002 01010101" TCP PAYLOAD);
    assert_int_equal(headers.ip_header_len, 24);
    assert_int_equal(headers.payload_len, 4);
    assert_int_equal(why_not(LINKTYPE_RAW, "4500 002c 0000 0000 40 06 0000 0a000001 0a0000"),
                     LCAP_SKIP_IP_HEADER);
}

#define HOP_BY_HOP(next) next " 00 0104 00000000 "
#define ROUTING(next)    next " 02 0001 00000000 20010db8000000000000000000000003 "
#define OPTIONS(next)    next " 01 010c 000000000000000000000000 "
#define AH(next)         next " 04 0000 00000001 00000001 112233445566778899aabbcc "
#define UDP_2            "0035 0036 000a 0000 6162"

static void extension_headers(void **state)
{
    (void)state;
    static const struct {
        uint16_t ip_header_len;
        const char *hex;
    } cases[] = {
        {48, IPV6("0012", "00") HOP_BY_HOP("11") UDP_2},
        {64, IPV6("0022", "2b") ROUTING("11") UDP_2},
        {56, IPV6("001a", "3c") OPTIONS("11") UDP_2},
        {64, IPV6("0022", "33") AH("11") UDP_2},
        {112, IPV6("0052", "00") HOP_BY_HOP("2b") ROUTING("33") AH("3c") OPTIONS("11") UDP_2},
        {44, "4500 0036 0000 0000 40 33 0000 0a000001 0a000002" AH("11") UDP_2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct packet_headers headers = parse_good(LINKTYPE_RAW, cases[i].hex);
        assert_int_equal(headers.protocol, IP_PROTOCOL_UDP);
        assert_int_equal(headers.ip_header_len, cases[i].ip_header_len);
        assert_int_equal(headers.destination_port, 54);
        assert_int_equal(headers.payload_len, 2);
    }
}

static void extension_headers_that_lie(void **state)
{
    (void)state;
    assert_int_equal(why_not(LINKTYPE_RAW, IPV6("0004", "00") "11000104"), LCAP_SKIP_IP_HEADER);
    assert_int_equal(why_not(LINKTYPE_RAW, IPV6("0008", "00") "1101010400000000"),
                     LCAP_SKIP_IP_HEADER);
    assert_int_equal(why_not(LINKTYPE_RAW, IPV6("0000", "3c")), LCAP_SKIP_IP_HEADER);
    /* Longer than any IP header, all of it captured. */
    enum { HEADERS = 9000 };
    struct bytes ipv6 = from_hex(IPV6("0000", "3c"));
    uint32_t len = 40 + 8 * HEADERS;
    uint8_t *packet = calloc(1, len);
    assert_non_null(packet);
    memcpy(packet, ipv6.data, 40);
    for (size_t i = 0; i < HEADERS; i++)
        packet[40 + 8 * i] = 60;
    struct header_parser parser = {0};
    struct packet_headers headers;
    assert_int_equal(parse_bytes(&parser, LINKTYPE_RAW, packet, len, len, 0, &headers),
                     LCAP_SKIP_IP_HEADER);
    free(packet);
    free(ipv6.data);
}

/* RFC 2675, 4: without a length of its own. */
#define UDP_OF_JUMBO "0035 0036 0000 0000 6162"

static void lengths_of_ipv6(void **state)
{
    (void)state;
    /* A jumbogram of 40 + 100,000 bytes; its option may stand behind padding. */
    static const char jumbo[] = IPV6("0000", "00") "11 00 c204 000186a0" UDP_OF_JUMBO;
    assert_int_equal(snapped(jumbo, 58, 200000).ip_len, 100040);
    assert_int_equal(snapped(jumbo, 58, 200000).payload_len, 100040 - 48 - 8);
    assert_int_equal(snapped(jumbo, 58, 58).ip_len, 58);
    static const char padded[] =
        IPV6("0000", "00") "11 01 00 010100 c204 000186a0 0102 0000" UDP_OF_JUMBO;
    assert_int_equal(snapped(padded, 66, 200000).ip_len, 100040);
    /* Such an option is not believed when it says what the length field could. */
    static const char small[] = IPV6("0000", "00") "11 00 c204 00000012" UDP_OF_JUMBO;
    assert_int_equal(snapped(small, 58, 70).ip_len, 70);
    /* No length, and no option: what the frame leaves, unless nothing is to come. */
    assert_int_equal(snapped(IPV6("0000", "11") UDP_2, 50, 70).ip_len, 70);
    assert_int_equal(snapped(IPV6("0000", "3b") "000000000000", 46, 46).ip_len, 40);
    assert_int_equal(snapped(IPV6("ffff", "11") UDP_2, 50, 50).ip_len, 50);
    assert_int_equal(why_not(LINKTYPE_IPV6, "60000000 0000 11 40"), LCAP_SKIP_IP_HEADER);
}

#define IPV4_OF(len, protocol) "4500 " len " 0000 0000 40 " protocol " 0000 0a000001 0a000002 "

static void lengths_of_udp(void **state)
{
    (void)state;
    static const struct {
        uint32_t payload_len;
        const char *hex;
    } cases[] = {
        {4, IPV4_OF("0020", "11") "0035 0036 000c 0000" PAYLOAD},
        {1, IPV4_OF("0020", "11") "0035 0036 0009 0000" PAYLOAD},
        {0, IPV4_OF("0020", "11") "0035 0036 0008 0000" PAYLOAD},
        /* Lengths that are not believed. */
        {4, IPV4_OF("0020", "11") "0035 0036 0000 0000" PAYLOAD},
        {4, IPV4_OF("0020", "11") "0035 0036 0007 0000" PAYLOAD},
        {4, IPV4_OF("0020", "11") "0035 0036 ffff 0000" PAYLOAD},
        /* UDP-Lite has a checksum's coverage in its place. */
        {4, IPV4_OF("0020", "88") "0035 0036 0008 0000" PAYLOAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct packet_headers headers = parse_good(LINKTYPE_RAW, cases[i].hex);
        assert_int_equal(headers.payload_len, cases[i].payload_len);
        assert_int_equal(headers.payload_captured, cases[i].payload_len);
        assert_int_equal(headers.payload == NULL, cases[i].payload_len == 0);
        assert_int_equal(headers.source_port, 53);
        assert_int_equal(headers.transport_len, 8);
    }
}

static void other_protocols(void **state)
{
    (void)state;
    struct packet_headers headers =
        parse_good(LINKTYPE_RAW, IPV4_OF("0020", "01") "0800 0000 0001 0002" PAYLOAD);
    assert_int_equal(headers.icmp_type, 8);
    assert_int_equal(headers.transport_len, 8);
    assert_int_equal(headers.payload_len, 4);
    headers = parse_good(LINKTYPE_RAW, IPV4_OF("0018", "01") "0b01 0000");
    assert_int_equal(headers.icmp_type, 11);
    assert_int_equal(headers.icmp_code, 1);
    assert_int_equal(headers.transport_len, 4);
    headers = parse_good(LINKTYPE_RAW, IPV6("0008", "3a") "8700 0000 0000 0000");
    assert_int_equal(headers.icmp_type, 135);
    headers = parse_good(LINKTYPE_RAW, IPV4_OF("0024", "84") "1234 5678 00000001 00000002" PAYLOAD);
    assert_int_equal(headers.source_port, 0x1234);
    assert_int_equal(headers.destination_port, 0x5678);
    assert_int_equal(headers.transport_len, 12);
    assert_int_equal(headers.payload_len, 4);
    /* DCCP with four bytes of options. */
    headers = parse_good(LINKTYPE_RAW,
                         IPV4_OF("0028", "21") "1234 5678 04 00 0000 04000001 00000000" PAYLOAD);
    assert_int_equal(headers.source_port, 0x1234);
    assert_int_equal(headers.destination_port, 0x5678);
    assert_int_equal(headers.transport_len, 16);
    assert_int_equal(headers.payload_len, 4);
    headers = parse_good(LINKTYPE_RAW, IPV4_OF("0018", "59") PAYLOAD); /* OSPF */
    assert_true(headers.has_transport);
    assert_int_equal(headers.transport_len, 0);
    assert_int_equal(headers.payload_len, 4);
    headers = parse_good(LINKTYPE_RAW, IPV4_OF("0014", "fd"));
    assert_int_equal(headers.protocol, 253);
    assert_null(headers.payload);
    headers = parse_good(LINKTYPE_RAW, IPV4_OF("0018", "32") PAYLOAD); /* ESP */
    assert_false(headers.has_transport);
    assert_int_equal(headers.payload_len, 4);
}

static void transport_headers_cut_short(void **state)
{
    (void)state;
    static const char *const cases[] = {
        IPV4_OF("0027", "06") "0050 c000 01020304 a0b0c0d0 5018 2000 0000 00",
        IPV4_OF("0028", "06") "0050 c000 01020304 a0b0c0d0 4018 2000 0000 0000",
        IPV4_OF("0028", "06") "0050 c000 01020304 a0b0c0d0 0018 2000 0000 0000",
        IPV4_OF("001b", "11") "0035 0036 000c 00",
        IPV4_OF("0017", "01") "0800 00",
        IPV4_OF("001f", "84") "1234 5678 00000001 000000",
        IPV4_OF("001f", "21") "1234 5678 03 00 0000 040000",
        IPV4_OF("0020", "21") "1234 5678 02 00 0000 04000001",
        IPV4_OF("0014", "06"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(why_not(LINKTYPE_RAW, cases[i]), LCAP_SKIP_TRANSPORT);
    /* Options that there is no room for. */
    struct packet_headers headers = parse_good(
        LINKTYPE_RAW, IPV4_OF("0029", "06") "0050 c000 01020304 a0b0c0d0 f018 2000 0000 0000 61");
    assert_int_equal(headers.transport_len, 21);
    assert_int_equal(headers.payload_len, 0);
}

/* Where the capture ends in a TCP header, what is there counts. */
static void tcp_header_captured_in_part(void **state)
{
    (void)state;
    static const char hex[] =
        IPV4_OF("0400", "06") "0050 c000 01020304 a0b0c0d0 8018 2000 0000 0007";
    for (uint32_t known = 4; known <= TCP_FIXED_LEN; known++) {
        const struct packet_headers headers = snapped(hex, 20 + known, 1024);
        assert_int_equal(headers.source_port, 80);
        assert_int_equal(headers.destination_port, 49152);
        assert_true(headers.has_transport);
        assert_int_equal(headers.tcp_known, known);
        assert_int_equal(headers.tcp_seq, known >= 8 ? 0x01020304 : 0);
        assert_int_equal(headers.tcp_ack, known >= 12 ? 0xa0b0c0d0 : 0);
        assert_int_equal(headers.tcp_flags, known >= 14 ? 0x18 : 0);
        assert_int_equal(headers.tcp_window, known >= 16 ? 0x2000 : 0);
        assert_int_equal(headers.tcp_urgent, known >= 20 ? 7 : 0);
        assert_int_equal(packet_has_tcp(&headers), known >= 14);
        assert_int_equal(headers.unknown_lengths, known < 13);
        assert_int_equal(headers.transport_len, known < 13 ? 0 : 32);
        assert_int_equal(headers.payload_len, known < 13 ? 0 : 1024 - 20 - 32);
        assert_null(headers.payload);
    }
}

/* Without options there is no payload, however little of the header was captured. */
static void tcp_header_alone_captured_in_part(void **state)
{
    (void)state;
    static const char hex[] =
        IPV4_OF("0028", "06") "0050 c000 01020304 a0b0c0d0 5010 2000 00000000";
    const struct packet_headers headers = snapped(hex, 26, 40);
    assert_false(headers.unknown_lengths);
    assert_int_equal(headers.transport_len, 20);
    assert_int_equal(headers.payload_len, 0);
}

/* `lengths`: bytes that say where the header ends; `content`: 100 bytes in all. */
static void assert_cut(const char *protocol, uint32_t needed, uint32_t lengths, uint32_t header_len,
                       const char *content)
{
    for (uint32_t known = 0; known < 16; known++) {
        for (int family = FAMILY_IPV4; family <= FAMILY_IPV6; family += 2) {
            char hex[400];
            const uint32_t ip_len = family == FAMILY_IPV4 ? 20 : 40;
            snprintf(hex, sizeof hex,
                     family == FAMILY_IPV4 ? IPV4_OF("0078", "%s") "%s" : IPV6("0064", "%s") "%s",
                     protocol, content);
            struct header_parser parser = {0};
            struct packet_headers headers;
            const struct bytes bytes = from_hex(hex);
            const enum lcap_skip skip = parse_bytes(&parser, LINKTYPE_RAW, bytes.data,
                                                    ip_len + known, ip_len + 100, 0, &headers);
            free(bytes.data);
            assert_int_equal(skip, known < needed ? LCAP_SKIP_TRANSPORT : LCAP_SKIP_NONE);
            if (known < needed)
                continue;
            assert_int_equal(headers.source_port, needed == 4 ? 0x1234 : 3);
            assert_int_equal(headers.destination_port, needed == 4 ? 0x5678 : 1);
            assert_int_equal(headers.unknown_lengths, known < lengths);
            assert_int_equal(headers.payload_len, known < lengths ? 0 : 100 - header_len);
        }
    }
}

static void other_headers_captured_in_part(void **state)
{
    (void)state;
    assert_cut("11", 4, 0, 8, "1234 5678 0064 0000 61626364 65666768");
    assert_cut("88", 4, 0, 8, "1234 5678 0008 0000 61626364 65666768");
    assert_cut("84", 4, 0, 12, "1234 5678 00000001 00000000 00000000");
    assert_cut("21", 4, 5, 16, "1234 5678 04 00 0000 04000001 00000000");
    assert_cut("3a", 2, 0, 8, "0301 0000 00000000 61626364 65666768");
    assert_cut("01", 2, 0, 8, "0301 0000 00000000 61626364 65666768");
}

/* Types that ask and answer each other stand for ports; of others the code does. */
static void types_of_icmp(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        uint16_t source, destination;
        bool one_way;
    } cases[] = {
        {IPV4_OF("001c", "01") "0800 0000 00010001", 8, 0, false},
        {IPV4_OF("001c", "01") "0000 0000 00010001", 0, 8, false},
        {IPV4_OF("001c", "01") "0301 0000 00000000", 3, 1, true},
        {IPV4_OF("001c", "01") "0d00 0000 00010001", 13, 14, false},
        {IPV6("0008", "3a") "8000 0000 00010001", 128, 129, false},
        {IPV6("0008", "3a") "8800 0000 00000000", 136, 135, false},
        {IPV6("0008", "3a") "0104 0000 00000000", 1, 4, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct packet_headers headers = parse_good(LINKTYPE_RAW, cases[i].hex);
        assert_int_equal(headers.source_port, cases[i].source);
        assert_int_equal(headers.destination_port, cases[i].destination);
        assert_int_equal(headers.one_way, cases[i].one_way);
    }
}

#define ARP_PACKET "0001 0800 06 04 0001 001122334455 0a000001 000000000000 0a000002 "

static void address_resolution(void **state)
{
    (void)state;
    struct packet_headers headers =
        parse_good(LINKTYPE_ETHERNET, MACS "0806" ARP_PACKET "000000000000");
    assert_int_equal(headers.family, FAMILY_ARP);
    assert_int_equal(headers.protocol, 0);
    assert_int_equal(headers.source[3], 1);
    assert_int_equal(headers.destination[3], 2);
    assert_int_equal(headers.ip_len, 28);
    assert_int_equal(headers.ip_captured, 28);
    assert_int_equal(headers.ip_header_len, 28);
    assert_int_equal(headers.payload_len, 0);
    assert_false(headers.has_transport);
    assert_null(headers.payload);
    headers =
        parse_good(LINKTYPE_ETHERNET, MACS "0806 0007 0800 01 04 0001 42 0a000003 00 0a000004");
    assert_int_equal(headers.source[3], 3);
    assert_int_equal(headers.destination[3], 4);
    assert_int_equal(why_not(LINKTYPE_ETHERNET, MACS "0806 0001 0800 06 10 0001" ARP_PACKET),
                     LCAP_SKIP_NO_IP);
    assert_int_equal(why_not(LINKTYPE_ETHERNET, MACS "0806 0001 86dd 06 04 0001" ARP_PACKET),
                     LCAP_SKIP_NO_IP);
    assert_int_equal(why_not(LINKTYPE_ETHERNET, MACS "8035" ARP_PACKET), LCAP_SKIP_NO_IP);
    assert_int_equal(why_not(LINKTYPE_ETHERNET, MACS "0806 0001 0800 06 04 0001 001122334455"),
                     LCAP_SKIP_IP_HEADER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_tcp_packet),
        cmocka_unit_test(all_of_a_udp_packet),
        cmocka_unit_test(flags_of_tcp),
        cmocka_unit_test(snapped_packets_have_their_lengths),
        cmocka_unit_test(lengths_of_ipv4_that_lie),
        cmocka_unit_test(headers_of_ipv4_that_lie),
        cmocka_unit_test(extension_headers),
        cmocka_unit_test(extension_headers_that_lie),
        cmocka_unit_test(lengths_of_ipv6),
        cmocka_unit_test(lengths_of_udp),
        cmocka_unit_test(other_protocols),
        cmocka_unit_test(transport_headers_cut_short),
        cmocka_unit_test(tcp_header_captured_in_part),
        cmocka_unit_test(tcp_header_alone_captured_in_part),
        cmocka_unit_test(other_headers_captured_in_part),
        cmocka_unit_test(types_of_icmp),
        cmocka_unit_test(address_resolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
