/* Addresses and protocols as text. */
#include "packet/address_text.h"

#include "packet/packet_headers.h"
#include <stdbool.h>

static char *put_decimal(char *out, unsigned octet)
{
    if (octet >= 100)
        *out++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *out++ = (char)('0' + octet / 10 % 10);
    *out++ = (char)('0' + octet % 10);
    return out;
}

static char *put_ipv4(char *out, const uint8_t *address)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            *out++ = '.';
        out = put_decimal(out, address[i]);
    }
    return out;
}

/* Without leading zeros. */
static char *put_hex(char *out, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = group > 0xFFF  ? 12
                     : group > 0xFF ? 8
                     : group > 0xF  ? 4
                                    : 0;
         shift >= 0; shift -= 4)
        *out++ = digits[(group >> shift) & 15];
    return out;
}

/* The longest run of two or more zero groups, the first of several: RFC 5952, 4.2. */
static void find_zeros(const unsigned group[8], int *begin, int *end)
{
    *begin = *end = -1;
    for (int i = 0; i < 8; i++) {
        int first = i;
        while (i < 8 && group[i] == 0)
            i++;
        if (i - first >= 2 && i - first > *end - *begin) {
            *begin = first;
            *end = i;
        }
    }
}

/* Addresses that contain an IPv4 address (RFC 4291, 2.5.5) end in its notation: RFC 5952, 5. */
static bool holds_ipv4(const unsigned group[8], int zeros_begin, int zeros_end)
{
    return zeros_begin == 0 && (zeros_end == 6 || (zeros_end == 5 && group[5] == 0xFFFF));
}

static char *put_ipv6(char *out, const uint8_t *address)
{
    unsigned group[8];
    int zeros_begin, zeros_end;
    for (int i = 0; i < 8; i++)
        group[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
    find_zeros(group, &zeros_begin, &zeros_end);
    int groups = holds_ipv4(group, zeros_begin, zeros_end) ? 6 : 8;
    for (int i = 0; i < groups; i++) {
        if (i == zeros_begin) {
            *out++ = ':';
            i = zeros_end - 1;
            if (zeros_end == 8)
                *out++ = ':';
            continue;
        }
        if (i > 0)
            *out++ = ':';
        out = put_hex(out, group[i]);
    }
    if (groups == 8)
        return out;
    *out++ = ':';
    return put_ipv4(out, address + 12);
}

size_t address_to_text(uint8_t family, const uint8_t *address, char out[ADDRESS_TEXT])
{
    char *end = family == FAMILY_IPV6 ? put_ipv6(out, address) : put_ipv4(out, address);
    *end = '\0';
    return (size_t)(end - out);
}

/* IANA's protocol numbers, as far as they occur. */
static const char *const names[256] = {
    [0] = "HOPOPT",     [1] = "ICMP",
    [2] = "IGMP",       [4] = "IPv4",
    [6] = "TCP",        [8] = "EGP",
    [9] = "IGP",        [17] = "UDP",
    [27] = "RDP",       [33] = "DCCP",
    [41] = "IPv6",      [43] = "IPv6-Route",
    [44] = "IPv6-Frag", [46] = "RSVP",
    [47] = "GRE",       [50] = "ESP",
    [51] = "AH",        [55] = "MOBILE",
    [58] = "ICMPv6",    [59] = "IPv6-NoNxt",
    [60] = "IPv6-Opts", [88] = "EIGRP",
    [89] = "OSPF",      [94] = "IPIP",
    [97] = "EtherIP",   [103] = "PIM",
    [108] = "IPComp",   [112] = "VRRP",
    [113] = "PGM",      [115] = "L2TP",
    [124] = "IS-IS",    [132] = "SCTP",
    [133] = "FC",       [135] = "Mobility Header",
    [136] = "UDPLite",  [137] = "MPLS-in-IP",
    [139] = "HIP",      [140] = "Shim6",
    [143] = "Ethernet",
};

#define TEN(tens)                                                                                  \
    "IP " tens "0", "IP " tens "1", "IP " tens "2", "IP " tens "3", "IP " tens "4",                \
        "IP " tens "5", "IP " tens "6", "IP " tens "7", "IP " tens "8", "IP " tens "9"

static const char numbers[260][sizeof "IP 255"] = {
    TEN(""),   TEN("1"),  TEN("2"),  TEN("3"),  TEN("4"),  TEN("5"),  TEN("6"),
    TEN("7"),  TEN("8"),  TEN("9"),  TEN("10"), TEN("11"), TEN("12"), TEN("13"),
    TEN("14"), TEN("15"), TEN("16"), TEN("17"), TEN("18"), TEN("19"), TEN("20"),
    TEN("21"), TEN("22"), TEN("23"), TEN("24"), TEN("25"),
};

const char *protocol_name(uint8_t family, uint8_t protocol)
{
    if (family == FAMILY_ARP)
        return "ARP";
    return names[protocol] ? names[protocol] : numbers[protocol];
}
