/* Tunnels: what they carry, how deep, and when they are not entered. */
#include "headers_fixture.h"

#define OUTER(protocol)  "4500 ffff 0000 0000 40 " protocol " 0000 c0000201 c0000202 "
#define OUTER_IPV6(next) IPV6("0000", next)
#define UDP_TO(port)     "c000 " port " 0000 0000 "
#define GRE(flags)       OUTER("2f") flags " 0800 "

static enum lcap_skip parse_inner(const char *hex, struct packet_headers *headers)
{
    struct header_parser parser = {.inner_tunnels = true};
    struct bytes bytes = from_hex(hex);
    enum lcap_skip skip =
        parse_bytes(&parser, LINKTYPE_RAW, bytes.data, bytes.len, bytes.len, 0, headers);
    free(bytes.data);
    header_parser_release(&parser);
    return skip;
}

/* All carry TCP_PACKET. */
static const char *const tunnels[] = {
    OUTER("04") TCP_PACKET,
    OUTER_IPV6("04") TCP_PACKET,
    OUTER("04") OUTER("04") TCP_PACKET,
    OUTER("29") OUTER_IPV6("04") TCP_PACKET,
    GRE("0000") TCP_PACKET,
    GRE("8000") "11112222" TCP_PACKET,
    GRE("2000") "33333333" TCP_PACKET,
    GRE("1000") "44444444" TCP_PACKET,
    GRE("b000") "11112222 33333333 44444444" TCP_PACKET,
    OUTER_IPV6("2f") "0000 0800" TCP_PACKET,
    OUTER("2f") "2000 6558 00000001" MACS "0800" TCP_PACKET,
    OUTER("2f") "0000 6558" MACS "8100 0001 0800" TCP_PACKET,
    OUTER("2f") "3001 880b 0030 0001 00000001 ff03 0021" TCP_PACKET "0000",
    OUTER("2f") "3081 880b 002d 0001 00000001 00000002 21" TCP_PACKET,
    OUTER("11") UDP_TO("12b5") "0800 0000 00000100" MACS "0800" TCP_PACKET,
    OUTER("11") UDP_TO("2118") "0800 0000 00000100" MACS "0800" TCP_PACKET,
    OUTER_IPV6("11") UDP_TO("12b5") "0800 0000 00000100" MACS "8100 0005 0800" TCP_PACKET,
    OUTER("11") UDP_TO("17c1") "0000 6558 00000100" MACS "0800" TCP_PACKET,
    OUTER_IPV6("11") UDP_TO("17c1") "0200 0800 00000100 0102 80 01 00000000" TCP_PACKET,
    OUTER("11") UDP_TO("0868") "30 ff 002c 00000001" TCP_PACKET,
    OUTER("11") UDP_TO("0868") "32 ff 0030 00000001 0001 00 00" TCP_PACKET "ffff",
    /* The last of the four bytes names an extension only where its flag says so. */
    OUTER("11") UDP_TO("0868") "32 ff 0030 00000001 0001 00 85" TCP_PACKET,
    OUTER("11") UDP_TO("0868") "34 ff 0034 00000001 0000 00 85 01 0009 00" TCP_PACKET,
    OUTER("11")
        UDP_TO("0868") "34 ff 003c 00000001 0000 00 85 01 0009 c0 02 000102030405 00" TCP_PACKET,
    /* ERSPAN of the types I, II and III, this also with a subheader. */
    OUTER("2f") "0000 88be" MACS "0800" TCP_PACKET,
    OUTER("2f") "1000 88be 00000001 1007 0005 00000001" MACS "0800" TCP_PACKET,
    OUTER("2f") "1000 22eb 00000001 2007 0005 00000001 0000 0000" MACS "0800" TCP_PACKET,
    OUTER("2f") "1000 22eb 00000001 2007 0005 00000001 0000 0001 1c000001 00000002" MACS
                "0800" TCP_PACKET,
    OUTER("2f") "0000 8847 00010140" TCP_PACKET,
    OUTER("11") UDP_TO("1292") "0000 0800" TCP_PACKET,
    OUTER("11") UDP_TO("13d0") "0100 0104 00000001 ff" TCP_PACKET, /* AYIYA */
    OUTER("11") "13d0 c000 0000 0000 2112 1104 00000001 01020304 11111111" TCP_PACKET,
};

static void tcp_in_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        struct packet_headers headers;
        assert_int_equal(parse_inner(tunnels[i], &headers), LCAP_SKIP_NONE);
        assert_tcp_packet(&headers);
        /* Unless it is asked for, the tunnel counts. */
        struct packet_headers outer = parse_good(LINKTYPE_RAW, tunnels[i]);
        assert_int_not_equal(outer.protocol, IP_PROTOCOL_TCP);
        assert_int_not_equal(outer.source[0], 10);
    }
}

static void ipv6_and_arp_inside(void **state)
{
    (void)state;
    struct packet_headers headers;
    assert_int_equal(parse_inner(OUTER("29") UDP_PACKET_IPV6, &headers), LCAP_SKIP_NONE);
    assert_udp_packet_ipv6(&headers);
    assert_int_equal(parse_inner(OUTER("2f") "0000 86dd" UDP_PACKET_IPV6, &headers),
                     LCAP_SKIP_NONE);
    assert_udp_packet_ipv6(&headers);
    assert_int_equal(
        parse_inner(OUTER("11") UDP_TO("0868") "30 ff 0032 00000001" UDP_PACKET_IPV6, &headers),
        LCAP_SKIP_NONE);
    assert_udp_packet_ipv6(&headers);
    static const char arp[] = OUTER("11")
        UDP_TO("12b5") "0800 0000 00000100" MACS "0806"
                       "0001 0800 06 04 0001 001122334455 0a000001 000000000000 0a000002";
    assert_int_equal(parse_inner(arp, &headers), LCAP_SKIP_NONE);
    assert_int_equal(headers.family, FAMILY_ARP);
}

/* The outer headers stay. */
static void what_is_not_entered(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        const char *hex;
    } cases[] = {
        {4, OUTER("04")},
        {4, OUTER("04") UDP_PACKET_IPV6},                  /* the wrong version */
        {4, OUTER("04") "4500 0028 0000 0000 40 06 0000"}, /* cut short */
        {4, OUTER("04") IPV4_TO_TCP "0050"},               /* its transport header is */
        {47, GRE("0000") "4500"},
        {47, GRE("4000") "00000000" TCP_PACKET}, /* source routes */
        {47, GRE("0002") TCP_PACKET},            /* no such version */
        {47, OUTER("2f") "0000"},
        {47, OUTER("2f") "8000 0800 0000"},
        {47, OUTER("2f") "0000 88be" TCP_PACKET}, /* ERSPAN */
        {47, OUTER("2f") "0000 6558" MACS "88cc 0207"},
        {47, OUTER("2f") "2081 880b 0000 0001 00000002"}, /* only acknowledges */
        {47, OUTER("2f") "3001 880b 0030 0001 00000001 ff03 c021" TCP_PACKET},
        {17, OUTER("11") UDP_TO("12b5") "0000 0000 00000100" MACS "0800" TCP_PACKET},
        {17, OUTER("11") UDP_TO("12b5") "0800 0000 0000"},
        {17, OUTER("11") UDP_TO("12b6") "0800 0000 00000100" MACS "0800" TCP_PACKET},
        {17, OUTER("11") UDP_TO("17c1") "4000 0800 00000100" TCP_PACKET}, /* version 1 */
        {17, OUTER("11") UDP_TO("17c1") "0000 88be 00000100" TCP_PACKET},
        {17, OUTER("11") UDP_TO("17c1") "0000 0800 000001"},
        {17, OUTER("11") UDP_TO("17c1") "0c00 0800 00000100" TCP_PACKET},  /* longer options */
        {17, OUTER("11") UDP_TO("0868") "30 01 002c 00000001" TCP_PACKET}, /* echo request */
        {17, OUTER("11") UDP_TO("0868") "50 ff 002c 00000001" TCP_PACKET}, /* version 2 */
        {17, OUTER("11") UDP_TO("0868") "20 ff 002c 00000001" TCP_PACKET}, /* GTP' */
        {17, OUTER("11") UDP_TO("0868") "34 ff 0034 00000001 0000 00 85 00 0009 00" TCP_PACKET},
        {17, OUTER("11") UDP_TO("0868") "34 ff 0034 00000001 0000 00 85 ff 0009 00" TCP_PACKET},
        {17, OUTER("11") UDP_TO("0868") "34 ff 0004 00000001 0000 00 85"},
        {17, OUTER("11") UDP_TO("0868") "32 ff 0002 00000001 0000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct packet_headers headers;
        assert_int_equal(parse_inner(cases[i].hex, &headers), LCAP_SKIP_NONE);
        assert_int_equal(headers.protocol, cases[i].protocol);
        assert_int_equal(headers.source[0], 192);
    }
}

/* What is deeper than TUNNEL_DEPTH stays payload. */
static void depth(void **state)
{
    (void)state;
    static const char ten[] = OUTER("04") OUTER("04") OUTER("04") OUTER("04") OUTER("04")
        OUTER("04") OUTER("04") OUTER("04") OUTER("04") OUTER("04") TCP_PACKET;
    struct bytes bytes = from_hex(ten);
    struct header_parser parser = {.inner_tunnels = true};
    for (uint32_t outermost = 0; outermost <= 10; outermost++) {
        struct packet_headers headers;
        uint32_t len = bytes.len - outermost * 20;
        assert_int_equal(parse_bytes(&parser, LINKTYPE_RAW, bytes.data + (size_t)outermost * 20,
                                     len, len, 0, &headers),
                         LCAP_SKIP_NONE);
        bool reached = 10 - outermost <= TUNNEL_DEPTH;
        assert_int_equal(headers.protocol, reached ? IP_PROTOCOL_TCP : IP_PROTOCOL_IPV4);
        if (!reached)
            assert_int_equal(headers.ip_len, len - TUNNEL_DEPTH * 20);
    }
    free(bytes.data);
}

/* A frame's own tags count; without a frame those around the tunnel. */
static void vlan_inside(void **state)
{
    (void)state;
    static const struct {
        uint16_t vlan;
        const char *hex;
    } cases[] = {
        {7, MACS "8100 0007 0800" OUTER("04") TCP_PACKET},
        {5, MACS "8100 0007 0800" OUTER("2f") "0000 6558" MACS "8100 0005 0800" TCP_PACKET},
        {VLAN_NONE, MACS "8100 0007 0800" OUTER("2f") "0000 6558" MACS "0800" TCP_PACKET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct header_parser parser = {.inner_tunnels = true};
        struct packet_headers headers;
        struct bytes bytes = from_hex(cases[i].hex);
        assert_int_equal(
            parse_bytes(&parser, LINKTYPE_ETHERNET, bytes.data, bytes.len, bytes.len, 0, &headers),
            LCAP_SKIP_NONE);
        assert_int_equal(headers.vlan, cases[i].vlan);
        free(bytes.data);
    }
}

/* The first fragment of a tunnel's packet tells what is in it, the later ones cannot. */
static void fragments_of_a_tunnel(void **state)
{
    (void)state;
    struct packet_headers headers;
    assert_int_equal(
        parse_inner("4500 0040 0001 2000 40 04 0000 c0000201 c0000202" TCP_PACKET, &headers),
        LCAP_SKIP_NONE);
    assert_tcp_packet(&headers);
    assert_int_equal(
        parse_inner("4500 0040 0001 0010 40 04 0000 c0000201 c0000202" TCP_PACKET, &headers),
        LCAP_SKIP_NONE);
    assert_int_equal(headers.protocol, IP_PROTOCOL_IPV4);
}

/* However few bytes are captured. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct header_parser parser = {.inner_tunnels = true};
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        struct bytes whole = from_hex(tunnels[i]);
        struct packet_headers headers;
        for (uint32_t caplen = 20; caplen <= whole.len; caplen++) {
            enum lcap_skip skip =
                parse_bytes(&parser, LINKTYPE_RAW, whole.data, caplen, whole.len, 0, &headers);
            if (skip == LCAP_SKIP_NONE)
                assert_int_equal(headers.payload == NULL, headers.payload_captured == 0);
        }
        assert_tcp_packet(&headers);
        free(whole.data);
    }
}

#define DNS_QUERY "0001 0100 0001 0000 0000 0000 01610000010001"

static bool is_dns(const char *protocol, const char *hex)
{
    char packet[400];
    snprintf(packet, sizeof packet, "4500 0000 0000 0000 40 %s 0000 0a000001 0a000002 %s", protocol,
             hex);
    struct bytes bytes = from_hex(packet);
    struct lcap_interface interface = {.linktype = LINKTYPE_RAW, .fcs_len = -1};
    struct lcap_packet view = {
        .interface = &interface, .data = bytes.data, .caplen = bytes.len, .len = bytes.len};
    struct header_parser parser = {0};
    struct packet_headers headers;
    assert_int_equal(packet_headers_parse(&parser, &view, &headers), LCAP_SKIP_NONE);
    bool dns = packet_is_dns(&headers);
    free(bytes.data);
    return dns;
}

#define TO_53   "c000 0035 0000 0000"
#define FROM_53 "0035 c000 0000 0000"
#define TCP_53  "c000 0035 00000000 00000000 5018 2000 0000 0000"

static void dns(void **state)
{
    (void)state;
    assert_true(is_dns("11", TO_53 DNS_QUERY));
    assert_true(is_dns("11", FROM_53 DNS_QUERY));
    assert_true(is_dns("06", TCP_53 "0013" DNS_QUERY));
    /* The message goes on in the next segment. */
    assert_true(is_dns("06", TCP_53 "0400 0001 8180 0001 0020 0000 0000"));
    assert_false(is_dns("11", "c000 0036 0000 0000" DNS_QUERY));
    assert_false(is_dns("06", TCP_53 DNS_QUERY));
    assert_false(is_dns("06", TCP_53 "00"));
    assert_false(is_dns("11", TO_53));
    assert_false(is_dns("11", TO_53 "0001 0100 0001 0000 0000 00"));
    assert_false(
        is_dns("11", TO_53 "0001 0100 0002 0000 0000 0000 01610000010001")); /* 2 × 5 > 7 */
    assert_true(is_dns("11", TO_53 "0001 0100 0000 0001 0000 0000 0000010001000000000000"));
    assert_false(is_dns("11", TO_53 "0001 0100 0000 0000 0000 0001 00000100010000000000"));
    assert_false(is_dns("11", TO_53 "0001 1900 0000 0000 0000 0000")); /* opcode 3 */
    assert_true(is_dns("11", TO_53 "0001 2900 0000 0000 0000 0000"));
    assert_false(is_dns("11", TO_53 "0001 3900 0000 0000 0000 0000")); /* opcode 7 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_in_all),          cmocka_unit_test(ipv6_and_arp_inside),
        cmocka_unit_test(what_is_not_entered), cmocka_unit_test(depth),
        cmocka_unit_test(vlan_inside),         cmocka_unit_test(fragments_of_a_tunnel),
        cmocka_unit_test(cut_anywhere),        cmocka_unit_test(dns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
