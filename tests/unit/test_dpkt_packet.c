/*
 * Frames as dpkt 1.9.8 takes them apart. The expected fields were printed by it
 * (Ethernet(frame).data; len() of the IP packet and of what is in it; ESP behind IPv6
 * counts as transport here, as a header without one there).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/originals/dpkt_packet.h"
#include "hex_bytes.h"

struct frame_case {
    const char *name, *hex;
    enum dpkt_result result;
    struct dpkt_packet packet; /* without its pointers */
};

/* Most frames hold the same TCP header. */
#define SAME_TCP                                                                                   \
    .tcp_flags = 280, .tcp_window = 500, .tcp_urgent = 7, .tcp_seq = 16909060,                     \
    .source_port = 1000, .destination_port = 80

static const struct frame_case cases[] = {
    {"plain",
     "02020202020202020202020208004500002b00010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"padding",
     "02020202020202020202020208004500002b00010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263000000000000",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"length 0",
     "02020202020202020202020208004500000000010000400600010a0000010a00000203e8005001020304000000025"
     "11801f40000000761626300",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 44, .transport_len = 24, .transport_header_len = 20, SAME_TCP}},
    {"length below header",
     "02020202020202020202020208004500000a00010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_BYTES,
     {.protocol = 6, .ip_len = 20, .transport_len = 0}},
    {"IP options",
     "02020202020202020202020208004600003b00010000400600010a0000010a0000020101010103e80050010203040"
     "0000002811801f400000007010101010101010101010101616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 59, .transport_len = 35, .transport_header_len = 32, SAME_TCP}},
    {"IHL 4",
     "02020202020202020202020208004400002700010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_NO_IP,
     {0}},
    {"TCP offset 4",
     "02020202020202020202020208004500002b00010000400600010a0000010a00000203e8005001020304000000024"
     "11801f400000007616263",
     DPKT_BYTES,
     {.protocol = 6, .ip_len = 43, .transport_len = 23}},
    {"TCP options cut short",
     "02020202020202020202020208004500002e00010000400600010a0000010a00000203e8005001020304000000028"
     "11801f400000007010101010101",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 46, .transport_len = 26, .transport_header_len = 26, SAME_TCP}},
    {"19 bytes of TCP",
     "02020202020202020202020208004500002700010000400600010a0000010a00000203e8005001020304000000025"
     "11801f4000000",
     DPKT_BYTES,
     {.protocol = 6, .ip_len = 39, .transport_len = 19}},
    {"later fragment",
     "02020202020202020202020208004500002b00010001400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_BYTES,
     {.protocol = 6, .ip_len = 43, .transport_len = 23}},
    {"first fragment",
     "02020202020202020202020208004500002b00012000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"UDP",
     "02020202020202020202020208004500001d00010000401100010a0000010a00000213880035000900003f",
     DPKT_TRANSPORT,
     {.protocol = 17,
      .ip_len = 29,
      .transport_len = 9,
      .transport_header_len = 8,
      .source_port = 5000,
      .destination_port = 53}},
    {"ICMP",
     "02020202020202020202020208004500001c00010000400100010a0000010a0000020800000061626364",
     DPKT_TRANSPORT,
     {.protocol = 1, .ip_len = 28, .transport_len = 8, .transport_header_len = 4}},
    {"no class for it",
     "0202020202020202020202020800450000180001000040fd00010a0000010a00000261626364",
     DPKT_BYTES,
     {.protocol = 253, .ip_len = 24, .transport_len = 4}},
    {"IPv6",
     "02020202020202020202020286dd60000000000911032000000000000000000000000000000120000000000000000"
     "00000000000000213880035000900003f",
     DPKT_TRANSPORT,
     {.ip6 = true,
      .protocol = 17,
      .ip_len = 49,
      .transport_len = 9,
      .transport_header_len = 8,
      .source_port = 5000,
      .destination_port = 53}},
    {"IPv6 extension headers",
     "02020202020202020202020286dd60000000002f00032000000000000000000000000000000120000000000000000"
     "0000000000000022b000104000000003c00000000000000060000000000000003e800500102030400000002511801"
     "f400000007616263",
     DPKT_TRANSPORT,
     {.ip6 = true,
      .protocol = 6,
      .ip_len = 87,
      .transport_len = 23,
      .transport_header_len = 20,
      SAME_TCP}},
    {"IPv6 options run out",
     "02020202020202020202020286dd60000000001f00032000000000000000000000000000000120000000000000000"
     "000000000000002060005c80000000003e800500102030400000002",
     DPKT_BYTES,
     {.ip6 = true, .protocol = 6, .ip_len = 60, .transport_len = 12}},
    {"IPv6 options too short",
     "02020202020202020202020286dd60000000000800032000000000000000000000000000000120000000000000000"
     "0000000000000020609000000000000",
     DPKT_NO_IP,
     {0}},
    {"IPv6 later fragment",
     "02020202020202020202020286dd60000000001f2c032000000000000000000000000000000120000000000000000"
     "000000000000002060000090000000103e800500102030400000002511801f400000007616263",
     DPKT_BYTES,
     {.ip6 = true, .protocol = 6, .ip_len = 71, .transport_len = 23}},
    {"IPv6 first fragment",
     "02020202020202020202020286dd60000000001f2c032000000000000000000000000000000120000000000000000"
     "000000000000002060000010000000103e800500102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.ip6 = true,
      .protocol = 6,
      .ip_len = 71,
      .transport_len = 23,
      .transport_header_len = 20,
      SAME_TCP}},
    {"IPv6 fragment, then options",
     "02020202020202020202020286dd6000000000272c032000000000000000000000000000000120000000000000000"
     "0000000000000023c00000100000001060000000000000003e800500102030400000002511801f40000000761626"
     "3",
     DPKT_EXCEPTION,
     {0}},
    {"IPv6 ESP",
     "02020202020202020202020286dd60000000000a32032000000000000000000000000000000120000000000000000"
     "00000000000000231323334353637386162",
     DPKT_BYTES,
     {.ip6 = true, .protocol = 50, .ip_len = 50, .transport_len = 10}},
    {"VLAN",
     "0202020202020202020202028100000508004500002b00010000400600010a0000010a00000203e80050010203040"
     "0000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"QinQ",
     "02020202020202020202020288a800058100000508004500002b00010000400600010a0000010a00000203e800500"
     "102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"two tags of 802.1ad",
     "02020202020202020202020288a8000588a8000508004500002b00010000400600010a0000010a00000203e800500"
     "102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"four tags",
     "0202020202020202020202028100000581000005810000058100000508004500002b00010000400600010a0000010"
     "a00000203e800500102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"five tags",
     "020202020202020202020202810000058100000581000005810000058100000508004500002b00010000400600010"
     "a0000010a00000203e800500102030400000002511801f400000007616263",
     DPKT_NO_IP,
     {0}},
    {"tag cut short", "02020202020202020202020281000005", DPKT_EXCEPTION, {0}},
    {"MPLS",
     "020202020202020202020202884700005009000061094500002b00010000400600010a0000010a00000203e800500"
     "102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"MPLS, IHL 6",
     "0202020202020202020202028847000061094600002f00010000400600010a0000010a0000020101010103e800500"
     "102030400000002511801f400000007616263",
     DPKT_NO_IP,
     {0}},
    {"MPLS in VLAN",
     "020202020202020202020202810000058848000061096000000000091103200000000000000000000000000000012"
     "000000000000000000000000000000213880035000900003f",
     DPKT_TRANSPORT,
     {.ip6 = true,
      .protocol = 17,
      .ip_len = 49,
      .transport_len = 9,
      .transport_header_len = 8,
      .source_port = 5000,
      .destination_port = 53}},
    {"MPLS without bottom", "020202020202020202020202884700005009", DPKT_EXCEPTION, {0}},
    {"ARP",
     "020202020202020202020202080600000000000000000000000000000000000000000000000000000000",
     DPKT_NO_IP,
     {0}},
    {"LLC",
     "020202020202020202020202003caaaa0300000008004500002b00010000400600010a0000010a00000203e800500"
     "102030400000002511801f400000007616263",
     DPKT_NO_IP,
     {0}},
    {"SNAP cut short", "020202020202020202020202003caaaa030000", DPKT_EXCEPTION, {0}},
    {"short STP", "020202020202020202020202000742420300000080", DPKT_EXCEPTION, {0}},
    {"type 0",
     "02020202020202020202020200004500002b00010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_NO_IP,
     {0}},
    {"Novell",
     "020202020202020202020202003cffff000000000000000000000000000000000000000000000000000000000000",
     DPKT_NO_IP,
     {0}},
    {"Novell cut short",
     "020202020202020202020202003cffff0000000000000000000000000000000000000000",
     DPKT_EXCEPTION,
     {0}},
    {"ISL",
     "01000c000002020202020202004002020202020202020202020202020202020202020202020208004500002b00010"
     "000400600010a0000010a00000203e800500102030400000002511801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
    {"13 bytes", "02020202020202020202020202", DPKT_EXCEPTION, {0}},
    {"IP version 6 in type IP",
     "02020202020202020202020208006500002b00010000400600010a0000010a00000203e8005001020304000000025"
     "11801f400000007616263",
     DPKT_TRANSPORT,
     {.protocol = 6, .ip_len = 43, .transport_len = 23, .transport_header_len = 20, SAME_TCP}},
};

static void assert_fields(const struct dpkt_packet *found, const struct dpkt_packet *expected)
{
    assert_int_equal(found->ip6, expected->ip6);
    assert_int_equal(found->protocol, expected->protocol);
    assert_int_equal(found->ip_len, expected->ip_len);
    assert_int_equal(found->transport_len, expected->transport_len);
    assert_int_equal(found->transport_header_len, expected->transport_header_len);
    assert_int_equal(found->source_port, expected->source_port);
    assert_int_equal(found->destination_port, expected->destination_port);
    assert_int_equal(found->tcp_flags, expected->tcp_flags);
    assert_int_equal(found->tcp_window, expected->tcp_window);
    assert_int_equal(found->tcp_urgent, expected->tcp_urgent);
    assert_int_equal(found->tcp_seq, expected->tcp_seq);
    assert_ptr_equal(found->transport + found->transport_len, found->ip + found->ip_len);
    assert_true(dpkt_payload(found) + dpkt_payload_len(found) == found->ip + found->ip_len);
}

static void frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes frame = from_hex(cases[i].hex);
        struct dpkt_packet packet;
        const enum dpkt_result result = dpkt_parse_ethernet(frame.data, frame.len, &packet);
        if (result != cases[i].result)
            fail_msg("%s: %d instead of %d", cases[i].name, result, cases[i].result);
        if (result == DPKT_TRANSPORT || result == DPKT_BYTES)
            assert_fields(&packet, &cases[i].packet);
        free(frame.data);
    }
}

/* No length of a frame is too short to be looked at. */
static void every_beginning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes frame = from_hex(cases[i].hex);
        for (size_t left = 0; left < frame.len; left++) {
            uint8_t *part = malloc(left + 1);
            assert_non_null(part);
            memcpy(part, frame.data, left);
            part = realloc(part, left > 0 ? left : 1);
            struct dpkt_packet packet;
            if (dpkt_parse_ethernet(part, left, &packet) <= DPKT_BYTES)
                assert_in_range(packet.transport + packet.transport_len - part, 0, left);
            free(part);
        }
        free(frame.data);
    }
}

/* Raw IP: what Ethernet catches comes through as an exception. */
static void raw_ip(void **state)
{
    (void)state;
    struct dpkt_packet packet;
    const uint8_t short_header[20] = {0x44, [9] = 17};
    const uint8_t whole[28] = {0x45, [3] = 28, [9] = 17, [21] = 9};
    assert_int_equal(dpkt_parse_ip(short_header, sizeof short_header, &packet), DPKT_EXCEPTION);
    assert_int_equal(dpkt_parse_ip(whole, 19, &packet), DPKT_EXCEPTION);
    assert_int_equal(dpkt_parse_ip(whole, 27, &packet), DPKT_BYTES);
    assert_int_equal(dpkt_parse_ip(whole, 28, &packet), DPKT_TRANSPORT);
    assert_int_equal(packet.source_port, 9);
    assert_int_equal(dpkt_payload_len(&packet), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames),
        cmocka_unit_test(every_beginning),
        cmocka_unit_test(raw_ip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
