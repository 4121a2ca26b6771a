/* Community IDs: those that the specification's repository publishes for its captures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet/community_id.h"
#include "packet/icmp_types.h"
#include "packet/packet_headers.h"
#include <arpa/inet.h>

struct published {
    const char *source, *destination;
    uint8_t protocol;
    uint16_t source_port, destination_port;
    const char *id;
};

static const struct published published[] = {
    {"128.232.110.120", "66.35.250.204", IP_PROTOCOL_TCP, 34855, 80,
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {"192.168.1.52", "8.8.8.8", IP_PROTOCOL_UDP, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {"192.168.0.89", "192.168.0.1", IP_PROTOCOL_ICMP, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    {"192.168.0.1", "192.168.0.89", IP_PROTOCOL_ICMP, 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
    /* Types without an answer. */
    {"192.168.0.89", "192.168.0.1", IP_PROTOCOL_ICMP, 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
    {"192.168.0.89", "192.168.0.1", IP_PROTOCOL_ICMP, 20, 1, "1:tz/fHIDUHs19NkixVVoOZywde+I="},
    {"fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", IP_PROTOCOL_ICMPV6, 135, 136,
     "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
    {"fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", IP_PROTOCOL_ICMPV6, 136, 135,
     "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
    {"3ffe:507:0:1:260:97ff:fe07:69ea", "3ffe:507:0:1:200:86ff:fe05:80da", IP_PROTOCOL_ICMPV6, 3, 0,
     "1:NdobDX8PQNJbAyfkWxhtL2Pqp5w="},
    {"192.168.170.8", "192.168.170.56", IP_PROTOCOL_SCTP, 7, 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
    /* RSVP has no ports. */
    {"10.1.24.4", "10.1.12.1", 46, 0, 0, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4="},
};

static uint8_t to_address(const char *text, uint8_t address[16])
{
    if (inet_pton(AF_INET, text, address) == 1)
        return FAMILY_IPV4;
    assert_int_equal(inet_pton(AF_INET6, text, address), 1);
    return FAMILY_IPV6;
}

static void assert_id(const struct community_tuple *tuple, const char *expected)
{
    char text[COMMUNITY_ID_TEXT];
    memset(text, 'x', sizeof text);
    assert_int_equal(community_id(tuple, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void ids_of_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct published *p = &published[i];
        uint8_t source[16], destination[16];
        struct community_tuple tuple = {
            .protocol = p->protocol,
            .source = source,
            .destination = destination,
            .source_port = p->source_port,
            .destination_port = p->destination_port,
        };
        tuple.family = to_address(p->source, source);
        to_address(p->destination, destination);
        assert_id(&tuple, p->id);
    }
}

static void both_ways_alike(void **state)
{
    (void)state;
    static const uint8_t address[2][16] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    char one[COMMUNITY_ID_TEXT], other[COMMUNITY_ID_TEXT];
    /* From address a and port p to b and q; and back. */
    for (int i = 0; i < 16; i++) {
        int a = i & 1, b = i >> 1 & 1;
        uint16_t p = i & 4 ? 80 : 50000, q = i & 8 ? 80 : 50000;
        struct community_tuple tuple = {FAMILY_IPV4, IP_PROTOCOL_TCP, address[a], address[b], p, q};
        struct community_tuple back = {FAMILY_IPV4, IP_PROTOCOL_TCP, address[b], address[a], q, p};
        community_id(&tuple, one);
        community_id(&back, other);
        assert_string_equal(one, other);
        back.source_port++;
        community_id(&back, other);
        assert_string_not_equal(one, other);
    }
}

/* Question and answer, each with the other in the place of its second port. */
static void icmp_pairs(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        uint16_t question, answer;
    } pairs[] = {
        {IP_PROTOCOL_ICMP, 8, 0},       {IP_PROTOCOL_ICMP, 10, 9},
        {IP_PROTOCOL_ICMP, 13, 14},     {IP_PROTOCOL_ICMP, 15, 16},
        {IP_PROTOCOL_ICMP, 17, 18},     {IP_PROTOCOL_ICMPV6, 128, 129},
        {IP_PROTOCOL_ICMPV6, 130, 131}, {IP_PROTOCOL_ICMPV6, 133, 134},
        {IP_PROTOCOL_ICMPV6, 135, 136}, {IP_PROTOCOL_ICMPV6, 139, 140},
        {IP_PROTOCOL_ICMPV6, 144, 145},
    };
    static const uint8_t a[16] = {1}, b[16] = {2};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char one[COMMUNITY_ID_TEXT], other[COMMUNITY_ID_TEXT];
        const uint16_t question = pairs[i].question, answer = pairs[i].answer;
        assert_int_equal(icmp_counterpart(pairs[i].protocol, question), answer);
        assert_int_equal(icmp_counterpart(pairs[i].protocol, answer), question);
        struct community_tuple tuple = {FAMILY_IPV6, pairs[i].protocol, a, b, question, answer};
        struct community_tuple back = {FAMILY_IPV6, pairs[i].protocol, b, a, answer, question};
        community_id(&tuple, one);
        community_id(&back, other);
        assert_string_equal(one, other);
    }
}

static void none_for_arp(void **state)
{
    (void)state;
    static const uint8_t address[16] = {10};
    assert_id(&(struct community_tuple){FAMILY_ARP, 0, address, address, 0, 0}, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_the_specification),
        cmocka_unit_test(both_ways_alike),
        cmocka_unit_test(icmp_pairs),
        cmocka_unit_test(none_for_arp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
