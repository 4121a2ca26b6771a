/* Addresses and protocols as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/address_text.h"
#include "packet/packet_headers.h"
#include <arpa/inet.h>

static void assert_text(uint8_t family, const uint8_t *address, const char *expected)
{
    char text[ADDRESS_TEXT];
    memset(text, 'x', sizeof text);
    assert_int_equal(address_to_text(family, address, text), strlen(expected));
    assert_string_equal(text, expected);
}

/* Texts of RFC 5952 and RFC 4291. inet_pton() makes the addresses. */
static void known_addresses(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1",
        "2001:0:0:1::1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
        "ff02::1:ff00:1",
        "fe80::200:5aff:feaa:20a2",
        "::ffff:192.0.2.1",
        "::ffff:0.0.0.0",
        "::13.1.68.3",
        "64:ff9b::c000:201",
        "0:1::",
        "::1:0:0:0",
        "1:2:3:4:5:6::",
        "1:2:3:4:5:6:7:0",
        "0:2:3:4:5:6:7:8",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t address[16];
        assert_int_equal(inet_pton(AF_INET6, texts[i], address), 1);
        assert_text(FAMILY_IPV6, address, texts[i]);
    }
    assert_text(FAMILY_IPV4, (const uint8_t[]){0, 0, 0, 0}, "0.0.0.0");
    assert_text(FAMILY_IPV4, (const uint8_t[]){255, 255, 255, 255}, "255.255.255.255");
    assert_text(FAMILY_ARP, (const uint8_t[]){10, 9, 100, 99}, "10.9.100.99");
}

static void every_octet(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t address[4] = {(uint8_t)i, (uint8_t)(255 - i), 0, (uint8_t)(i ^ 0x55)};
        char expected[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, address, expected, sizeof expected);
        assert_text(FAMILY_IPV4, address, expected);
    }
}

/* All patterns of zero groups, with groups of one to four digits, as inet_ntop() has them. */
static void every_pattern_of_zeros(void **state)
{
    (void)state;
    static const uint16_t groups[] = {0xFFFF, 0x1, 0xA0, 0xB00, 0xC000};
    for (unsigned pattern = 0; pattern < 256; pattern++)
        for (unsigned first = 0; first < 5; first++) {
            uint8_t address[16] = {0};
            for (unsigned i = 0; i < 8; i++) {
                uint16_t group = pattern >> i & 1 ? groups[(first + i) % 5] : 0;
                address[2 * i] = (uint8_t)(group >> 8);
                address[2 * i + 1] = (uint8_t)group;
            }
            char expected[INET6_ADDRSTRLEN];
            inet_ntop(AF_INET6, address, expected, sizeof expected);
            assert_text(FAMILY_IPV6, address, expected);
        }
}

static void random_addresses(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 100000; i++) {
        uint8_t address[16];
        for (unsigned j = 0; j < sizeof address; j++) {
            /* Knuth's MMIX generator; a zero now and then. */
            random = random * 6364136223846793005u + 1442695040888963407u;
            address[j] = random >> 62 ? (uint8_t)(random >> 40) : 0;
        }
        char expected[INET6_ADDRSTRLEN];
        inet_ntop(AF_INET6, address, expected, sizeof expected);
        assert_text(FAMILY_IPV6, address, expected);
    }
}

static void names_of_protocols(void **state)
{
    (void)state;
    assert_string_equal(protocol_name(FAMILY_IPV4, IP_PROTOCOL_TCP), "TCP");
    assert_string_equal(protocol_name(FAMILY_IPV6, IP_PROTOCOL_UDP), "UDP");
    assert_string_equal(protocol_name(FAMILY_IPV4, IP_PROTOCOL_ICMP), "ICMP");
    assert_string_equal(protocol_name(FAMILY_IPV6, IP_PROTOCOL_ICMPV6), "ICMPv6");
    assert_string_equal(protocol_name(FAMILY_IPV4, IP_PROTOCOL_SCTP), "SCTP");
    assert_string_equal(protocol_name(FAMILY_IPV4, IP_PROTOCOL_GRE), "GRE");
    assert_string_equal(protocol_name(FAMILY_ARP, 0), "ARP");
    assert_string_equal(protocol_name(FAMILY_IPV4, 253), "IP 253");
    assert_string_equal(protocol_name(FAMILY_IPV4, 255), "IP 255");
    assert_string_equal(protocol_name(FAMILY_IPV4, 100), "IP 100");
    assert_string_equal(protocol_name(FAMILY_IPV4, 7), "IP 7");
    for (unsigned i = 0; i < 256; i++) {
        const char *name = protocol_name(FAMILY_IPV4, (uint8_t)i);
        if (strncmp(name, "IP ", 3) == 0)
            assert_int_equal(strtoul(name + 3, NULL, 10), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_addresses),        cmocka_unit_test(every_octet),
        cmocka_unit_test(every_pattern_of_zeros), cmocka_unit_test(random_addresses),
        cmocka_unit_test(names_of_protocols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
