/* Link layers: that IP is found behind each of them, and why it is not. */
#include "headers_fixture.h"

/* All carry TCP_PACKET. */
struct carrier {
    uint16_t linktype;
    const char *hex;
};

#define WLAN_ADDRESSES "020000000001 020000000002 020000000003 "
#define SNAP_IPV4      "aaaa03 000000 0800 "
#define EAPOL          "aaaa03 000000 888e 01"
#define IPOIB_ROUTE                                                                                \
    "00000000000000000000 00000000000000000000 00000000000000000000 00000000000000000000"
#define CHECK_VALUE "00112233445566778899aabbccddeeff"

static const struct carrier carriers[] = {
    {LINKTYPE_ETHERNET, MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "0800" TCP_PACKET "000000000000 11223344"}, /* padding, FCS */
    {LINKTYPE_ETHERNET, MACS "8100 0001 0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "88a8 0001 8100 0002 9100 0003 9200 0004 9300 0005 0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8847 00010000 00020100" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8848 00020140" TCP_PACKET},
    /* A control word, and then Ethernet. */
    {LINKTYPE_ETHERNET, MACS "8847 00010000 00020140 00000007" MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET,
     MACS "8847 00010140 00000000" MACS "8847 00010140 00000000" MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8864 11 00 0001 002e 0021" TCP_PACKET "0000"},
    {LINKTYPE_ETHERNET, MACS "8100 0001 8864 11 00 0001 002e 0021" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "0034 " SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "0034 aaaa03 0000f8 0800" TCP_PACKET}, /* IEEE 802.1H */
    {LINKTYPE_ETHERNET, MACS "002f 060603" TCP_PACKET},
    {LINKTYPE_LINUX_SLL, "0000 0001 0006 0011223344550000 0800" TCP_PACKET},
    {LINKTYPE_LINUX_SLL, "0000 0001 0006 0011223344550000 0004" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_LINUX_SLL, "0000 0001 0006 0011223344550000 8100 0007 0800" TCP_PACKET},
    {LINKTYPE_LINUX_SLL2, "0800 0000 00000002 0001 00 06 0011223344550000" TCP_PACKET},
    {LINKTYPE_RAW, TCP_PACKET},
    {12, TCP_PACKET}, /* DLT_RAW of most systems */
    {14, TCP_PACKET}, /* and of OpenBSD */
    {LINKTYPE_IPV4, TCP_PACKET},
    {LINKTYPE_NULL, "02000000" TCP_PACKET},
    {LINKTYPE_NULL, "00000002" TCP_PACKET},
    {LINKTYPE_LOOP, "00000002" TCP_PACKET},
    {LINKTYPE_LOOP, "02000000" TCP_PACKET},
    {LINKTYPE_PPP, "ff03 0021" TCP_PACKET},
    {LINKTYPE_PPP, "0021" TCP_PACKET},
    {LINKTYPE_PPP, "21" TCP_PACKET},
    {LINKTYPE_PPP, "ff03 0281 00010140" TCP_PACKET},
    {LINKTYPE_PPP_HDLC, "ff03 0021" TCP_PACKET},
    {LINKTYPE_PPP_HDLC, "0f00 0800" TCP_PACKET},
    {51, "11 00 0001 002e 0021" TCP_PACKET}, /* PPPoE without Ethernet */
    {104, "8f00 8847 00010140" TCP_PACKET},  /* Cisco's HDLC */
    {LINKTYPE_IEEE802_11, "0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_IEEE802_11, "8801 0000" WLAN_ADDRESSES "0000 0000" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_IEEE802_11, "8881 0000" WLAN_ADDRESSES "0000 0000 00000000" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_IEEE802_11,
     "0803 0000" WLAN_ADDRESSES "0000 020000000004" SNAP_IPV4 TCP_PACKET}, /* four addresses */
    {LINKTYPE_IEEE802_11, "8803 0000" WLAN_ADDRESSES "0000 020000000004 0000" SNAP_IPV4 TCP_PACKET},
    /* The first of several frames in one. */
    {LINKTYPE_IEEE802_11,
     "8802 0000" WLAN_ADDRESSES "0000 8000" MACS "0034" SNAP_IPV4 TCP_PACKET "ffffffffffffffff"},
    {LINKTYPE_PPI,
     "0000 0c00 69000000 11223344 0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_IEEE802_11_RADIOTAP,
     "0000 0800 00000000 0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET},
    /* A time, then flags that say that the header of 26 bytes is filled up to 28; two words. */
    {LINKTYPE_IEEE802_11_RADIOTAP,
     "0000 1900 03000080 00000000 00000000 1122334455667788 20"
     "8801 0000" WLAN_ADDRESSES "0000 0000 0000" SNAP_IPV4 TCP_PACKET},
    /* AVS under its own link type and that of Prism. */
    {163, "80211001 00000008 0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET},
    {119, "80211001 00000008 0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET},
    /* Padding, then the first frame with IP in it. */
    {LINKTYPE_IEEE802_11, "8802 0000" WLAN_ADDRESSES "0000 8000" MACS "0009" EAPOL "00" MACS
                          "0034" SNAP_IPV4 TCP_PACKET},
    {LINKTYPE_PPP, "0f00 0800" TCP_PACKET},
    {6, "1040" MACS SNAP_IPV4 TCP_PACKET}, /* Token Ring, and with a route */
    {6, "1040 001122334455 e6778899aabb 0630 0011 0020 " SNAP_IPV4 TCP_PACKET},
    {7, "0102 f0" TCP_PACKET}, /* ARCNET of BSD */
    {7, "0102 d4 00 0007" TCP_PACKET},
    {7, "0102 d4 ff 0000 d4 00 0007" TCP_PACKET},
    {129, "0102 0000 f0" TCP_PACKET}, /* and of Linux */
    {129, "0102 0000 d4 00 0007" TCP_PACKET},
    {10, "50" MACS SNAP_IPV4 TCP_PACKET},                       /* FDDI */
    {109, "02000000 00000000 00000000" TCP_PACKET},             /* ENC */
    {109, "00000002 00000000 00000000" TCP_PACKET},             /* of another host */
    {138, "0011223344556677 8899aabbccddeeff 0800" TCP_PACKET}, /* IEEE 1394 */
    {204, "01 ff03 0021" TCP_PACKET},                           /* PPP with a direction */
    {240, "00040000" MACS "0800" TCP_PACKET},                   /* NetAnalyzer */
    {241, "00060000 55555555555555 d5" MACS "0800" TCP_PACKET "00112233"},
    {242, IPOIB_ROUTE "0800 0000" TCP_PACKET},
    {258, "10000000 01000000 01000000 aabbccdd" MACS "0800" TCP_PACKET}, /* PKTAP */
    {149, "10000000 01000000 0c000000 aabbccdd" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8926 00010002 0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "893f 001000200000 0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "88e7 00000001" MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8903 0440" MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "8909 01010001 0007 0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "894f 0fc20101 00000001" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "894f 0fc30103 00000001 11111111" MACS "0800" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "894f 0fc20104 00000001 0fc20105 00000001 00010140" TCP_PACKET},
    {LINKTYPE_ETHERNET, MACS "88e5 00 00 00000001 0800" TCP_PACKET CHECK_VALUE},
    {LINKTYPE_ETHERNET, MACS "88e5 00 2e 00000001 0800" TCP_PACKET "0000" CHECK_VALUE},
    {LINKTYPE_ETHERNET, MACS "88e5 20 00 00000001 1122334455660001 0800" TCP_PACKET CHECK_VALUE},
};

static void tcp_in_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
        struct packet_headers headers = parse_good(carriers[i].linktype, carriers[i].hex);
        assert_tcp_packet(&headers);
    }
}

static void prism_header(void **state)
{
    (void)state;
    struct bytes frame = from_hex("0801 0000" WLAN_ADDRESSES "0000" SNAP_IPV4 TCP_PACKET);
    uint8_t packet[300] = {0x44, 0, 0, 0, 144};
    memcpy(packet + 144, frame.data, frame.len);
    struct header_parser parser = {0};
    struct packet_headers headers;
    uint32_t len = 144 + frame.len;
    assert_int_equal(parse_bytes(&parser, 119, packet, len, len, 0, &headers), LCAP_SKIP_NONE);
    assert_tcp_packet(&headers);
    free(frame.data);
}

static void ipv6_in_all(void **state)
{
    (void)state;
    static const struct carrier ipv6_carriers[] = {
        {LINKTYPE_ETHERNET, MACS "86dd" UDP_PACKET_IPV6},
        {LINKTYPE_ETHERNET, MACS "8847 00010140" UDP_PACKET_IPV6},
        {LINKTYPE_ETHERNET, MACS "8864 11 00 0001 0034 0057" UDP_PACKET_IPV6},
        {LINKTYPE_LINUX_SLL2, "86dd 0000 00000002 0001 00 06 0011223344550000" UDP_PACKET_IPV6},
        {LINKTYPE_RAW, UDP_PACKET_IPV6},
        {LINKTYPE_IPV6, UDP_PACKET_IPV6},
        {LINKTYPE_PPP, "57" UDP_PACKET_IPV6},
        {LINKTYPE_LOOP, "0000000a" UDP_PACKET_IPV6},
        {LINKTYPE_LOOP, "00000017" UDP_PACKET_IPV6},
        {LINKTYPE_LOOP, "00000018" UDP_PACKET_IPV6},
        {LINKTYPE_LOOP, "0000001c" UDP_PACKET_IPV6},
        {LINKTYPE_NULL, "1e000000" UDP_PACKET_IPV6},
    };
    for (size_t i = 0; i < sizeof ipv6_carriers / sizeof *ipv6_carriers; i++) {
        struct packet_headers headers = parse_good(ipv6_carriers[i].linktype, ipv6_carriers[i].hex);
        assert_udp_packet_ipv6(&headers);
    }
}

static void reasons(void **state)
{
    (void)state;
    static const struct {
        enum lcap_skip skip;
        struct carrier packet;
    } cases[] = {
        {LCAP_SKIP_LINK_TYPE, {LINKTYPE_USB_LINUX, TCP_PACKET}},
        {LCAP_SKIP_LINK_TYPE, {999, TCP_PACKET}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, ""}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "08"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8100 0001 08"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8847 00010000 000200"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8847 00010140 000000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8847 00010140 00000000" MACS}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8864 11 00 0001 002e 00"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "8864 22 00 0001 002e 0021"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "0034 aaaa03 0000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "0004 aaaa03 000000 0800" TCP_PACKET}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "0000" TCP_PACKET}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_LINUX_SLL, "0000 0001 0006 0011223344550000 08"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_NULL, "020000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_PPP, ""}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_PPP, "ff03 00"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11, "0901 0000" WLAN_ADDRESSES "0000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11, "0801 0000" WLAN_ADDRESSES "00"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11, "8801 0000" WLAN_ADDRESSES "0000 00"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_PPI, "0000 0700 69000000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_PPI, "0000 0900 69000000"}},
        {LCAP_SKIP_LINK_TYPE, {LINKTYPE_PPI, "0000 0800 c0000000 0000 0800 01000000"}},
        {LCAP_SKIP_LINK_HEADER,
         {LINKTYPE_PPI, "0000 0800 01000100"}}, /* no link type is so large */
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11_RADIOTAP, "0000 0700 00000000 0801"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11_RADIOTAP, "0000 ffff 00000000 0801"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_IEEE802_11_RADIOTAP, "0000 0c00 ffffffff ffffffff"}},
        {LCAP_SKIP_LINK_HEADER, {163, "80211001 ffffffff 0801"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "88cc 0207"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "8863 11 09 0000 0000"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "8864 11 a7 0001 002e 0021" TCP_PACKET}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "8864 11 00 0001 0006 c021 01010004"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "8847 00010140 00000000" MACS "88cc"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "8847 00010140 10000021" TCP_PACKET}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "0026 424203 0000"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "0026 ffff00 0000"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "0026 aaaa03 00000c 2000 0000"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_LINUX_SLL, "0000 0001 0006 0011223344550000 0001 ffff"}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_NULL, "07000000" TCP_PACKET}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_RAW, "00"}},
        {LCAP_SKIP_NO_IP,
         {LINKTYPE_IEEE802_11, "0801 0000" WLAN_ADDRESSES "0100" SNAP_IPV4 TCP_PACKET}},
        {LCAP_SKIP_NO_DATA_FRAME, {LINKTYPE_IEEE802_11, "8000 0000" WLAN_ADDRESSES "0000"}},
        {LCAP_SKIP_NO_DATA_FRAME, {LINKTYPE_IEEE802_11, "d400"}},
        {LCAP_SKIP_NO_DATA_FRAME, {LINKTYPE_IEEE802_11, "4801 0000" WLAN_ADDRESSES "0000"}},
        {LCAP_SKIP_NO_DATA_FRAME, {LINKTYPE_IEEE802_11, "c801 0000" WLAN_ADDRESSES "0000 0000"}},
        {LCAP_SKIP_ENCRYPTED, {LINKTYPE_IEEE802_11, "0841 0000" WLAN_ADDRESSES "0000 00000000"}},
        {LCAP_SKIP_LINK_HEADER, {6, "1040 001122334455 e6778899aabb"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_NFLOG, "02000000 0300 0900"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_NFLOG, "02000000 0800 0a00 61626364"}},
        {LCAP_SKIP_LINK_HEADER, {241, "00060000 55555555555555 d4" MACS "0800" TCP_PACKET}},
        {LCAP_SKIP_LINK_HEADER, {258, "0b000000 01000000 01000000"}},
        {LCAP_SKIP_LINK_TYPE, {258, "0c000000 01000000 c0000000"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "894f 0fc10101 00000001"}},
        {LCAP_SKIP_LINK_HEADER, {LINKTYPE_ETHERNET, MACS "88e5 00 00 00000001 0800 45"}},
        {LCAP_SKIP_NO_IP, {10, "51" MACS "424203"}},
        {LCAP_SKIP_NO_IP, {7, "0102 fa 00 0007" TCP_PACKET}},
        {LCAP_SKIP_NO_IP, {109, "07000000 00000000 00000000" TCP_PACKET}},
        {LCAP_SKIP_NO_IP, {LINKTYPE_ETHERNET, MACS "894f 0fc20107 00000001" TCP_PACKET}},
        {LCAP_SKIP_NO_DATA_FRAME, {6, "1000" MACS SNAP_IPV4 TCP_PACKET}},
        {LCAP_SKIP_NO_DATA_FRAME, {10, "c1" MACS SNAP_IPV4 TCP_PACKET}},
        {LCAP_SKIP_NO_DATA_FRAME, {240, "00050000" MACS "88ff 0001"}},
        {LCAP_SKIP_NO_DATA_FRAME, {258, "0c000000 00000000 01000000"}},
        {LCAP_SKIP_ENCRYPTED,
         {LINKTYPE_ETHERNET, MACS "88e5 0c 00 00000001 0800" TCP_PACKET CHECK_VALUE}},
        {LCAP_SKIP_IP_HEADER, {LINKTYPE_RAW, ""}},
        {LCAP_SKIP_IP_HEADER, {LINKTYPE_IPV4, UDP_PACKET_IPV6}},
        {LCAP_SKIP_IP_HEADER, {LINKTYPE_IPV6, TCP_PACKET "00000000"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(why_not(cases[i].packet.linktype, cases[i].packet.hex), cases[i].skip);
}

static void vlan_of_the_outermost_tag(void **state)
{
    (void)state;
    static const struct {
        uint16_t vlan;
        const char *hex;
    } cases[] = {
        {VLAN_NONE, MACS "0800" TCP_PACKET},
        {0, MACS "8100 e000 0800" TCP_PACKET}, /* only a priority */
        {4095, MACS "8100 ffff 0800" TCP_PACKET},
        {2, MACS "88a8 0002 8100 0001 0800" TCP_PACKET},
        {3, MACS "8100 0003 8847 00010140" TCP_PACKET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct packet_headers headers = parse_good(LINKTYPE_ETHERNET, cases[i].hex);
        assert_int_equal(headers.vlan, cases[i].vlan);
    }
}

/* Any depth: as many tags as a packet has room for. */
static void many_tags(void **state)
{
    (void)state;
    enum { TAGS = 10000 };
    struct bytes tcp = from_hex(TCP_PACKET);
    uint32_t len = 14 + 4 * TAGS + tcp.len;
    uint8_t *packet = calloc(1, len);
    assert_non_null(packet);
    for (uint32_t i = 0; i < TAGS; i++) {
        memcpy(packet + 12 + 4 * (size_t)i, "\x81\x00\x00", 3);
        packet[15 + 4 * (size_t)i] = (uint8_t)(i + 5);
    }
    memcpy(packet + 12 + 4 * TAGS, "\x08\x00", 2);
    memcpy(packet + 14 + 4 * TAGS, tcp.data, tcp.len);
    struct header_parser parser = {0};
    struct packet_headers headers;
    assert_int_equal(parse_bytes(&parser, LINKTYPE_ETHERNET, packet, len, len, 0, &headers),
                     LCAP_SKIP_NONE);
    assert_tcp_packet(&headers);
    assert_int_equal(headers.vlan, 5);
    assert_int_equal(
        parse_bytes(&parser, LINKTYPE_ETHERNET, packet, 14 + 4 * TAGS - 1, len, 0, &headers),
        LCAP_SKIP_LINK_HEADER);
    free(packet);
    free(tcp.data);
}

/*
 * However few bytes are captured: once the headers can be read, more bytes change
 * nothing in what they say.
 */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
        struct bytes whole = from_hex(carriers[i].hex);
        struct header_parser parser = {0};
        struct packet_headers headers;
        bool seen = false;
        for (uint32_t caplen = 0; caplen <= whole.len; caplen++) {
            enum lcap_skip skip = parse_bytes(&parser, carriers[i].linktype, whole.data, caplen,
                                              whole.len, 0, &headers);
            assert_true(skip == LCAP_SKIP_NONE || !seen);
            seen = skip == LCAP_SKIP_NONE;
            if (!seen)
                continue;
            assert_int_equal(headers.ip_len, 44);
            assert_int_equal(headers.source_port, 80);
            assert_int_equal(headers.payload_len, headers.unknown_lengths ? 0 : 4);
            assert_true(headers.payload_captured <= 4);
            assert_int_equal(headers.payload == NULL, headers.payload_captured == 0);
        }
        assert_true(seen);
        free(whole.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_in_all),
        cmocka_unit_test(prism_header),
        cmocka_unit_test(ipv6_in_all),
        cmocka_unit_test(reasons),
        cmocka_unit_test(vlan_of_the_outermost_tag),
        cmocka_unit_test(many_tags),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
