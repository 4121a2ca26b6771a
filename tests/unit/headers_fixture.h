/* Packets written as hexadecimal digits, and what the header parser makes of them. */
#ifndef TESTS_HEADERS_FIXTURE_H
#define TESTS_HEADERS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/linktype.h"
#include "hex_bytes.h"
#include "packet/packet_headers.h"

#define MACS "001122334455 66778899aabb "

/* 10.0.0.1:80 to 10.0.0.2:49152 with 4 bytes of payload: 44 bytes in all. */
#define IPV4_TO_TCP "45 b8 002c 1234 4000 40 06 0000 0a000001 0a000002 "
#define TCP         "0050 c000 01020304 a0b0c0d0 5018 2000 0000 0007 "
#define PAYLOAD     "61626364"
#define TCP_PACKET  IPV4_TO_TCP TCP PAYLOAD

/* 2001:db8::1 to 2001:db8::2, `length` bytes behind the header, which begin with `next`. */
#define IPV6(length, next)                                                                         \
    "61200000 " length " " next " 3f "                                                             \
    "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define UDP_PACKET_IPV6 IPV6("000a", "11") "0035 0036 000a 0000 6162"

/*
 * Parses the first `caplen` bytes of a packet of `len` bytes. What `headers` points
 * into is gone afterwards, but whether it points anywhere is still seen.
 */
static inline enum lcap_skip parse_bytes(struct header_parser *parser, uint16_t linktype,
                                         const uint8_t *data, uint32_t caplen, uint32_t len,
                                         int64_t time_ns, struct packet_headers *headers)
{
    struct lcap_interface interface = {.linktype = linktype, .fcs_len = -1};
    uint8_t *exact = malloc(caplen ? caplen : 1);
    assert_non_null(exact);
    memcpy(exact, data, caplen);
    struct lcap_packet packet = {.interface = &interface,
                                 .data = exact,
                                 .caplen = caplen,
                                 .len = len,
                                 .has_time = true,
                                 .time_ns = time_ns};
    memset(headers, 0xA5, sizeof *headers);
    enum lcap_skip skip = packet_headers_parse(parser, &packet, headers);
    free(exact);
    return skip;
}

/* A packet that is captured whole, of an empty parser. */
static inline enum lcap_skip parse_hex(uint16_t linktype, const char *hex,
                                       struct packet_headers *headers)
{
    struct header_parser parser = {0};
    struct bytes bytes = from_hex(hex);
    enum lcap_skip skip =
        parse_bytes(&parser, linktype, bytes.data, bytes.len, bytes.len, 0, headers);
    free(bytes.data);
    header_parser_release(&parser);
    return skip;
}

static inline struct packet_headers parse_good(uint16_t linktype, const char *hex)
{
    struct packet_headers headers;
    assert_int_equal(parse_hex(linktype, hex, &headers), LCAP_SKIP_NONE);
    return headers;
}

static inline enum lcap_skip why_not(uint16_t linktype, const char *hex)
{
    struct packet_headers headers;
    return parse_hex(linktype, hex, &headers);
}

/* It is TCP_PACKET, whatever was around it. */
static inline void assert_tcp_packet(const struct packet_headers *headers)
{
    assert_int_equal(headers->family, FAMILY_IPV4);
    assert_int_equal(headers->protocol, IP_PROTOCOL_TCP);
    assert_int_equal(headers->source_port, 80);
    assert_int_equal(headers->ip_len, 44);
    assert_int_equal(headers->ip_captured, 44);
    assert_int_equal(headers->payload_len, 4);
    assert_int_equal(headers->payload_captured, 4);
}

/* It is UDP_PACKET_IPV6. */
static inline void assert_udp_packet_ipv6(const struct packet_headers *headers)
{
    assert_int_equal(headers->family, FAMILY_IPV6);
    assert_int_equal(headers->protocol, IP_PROTOCOL_UDP);
    assert_int_equal(headers->destination_port, 54);
    assert_int_equal(headers->ip_len, 50);
    assert_int_equal(headers->payload_len, 2);
}

#endif
