/* The fields of the headers of nPrint. */
#include "arrays/forms/nprint_headers.h"

#include <stdio.h>

const char *const nprint_header_names[NPRINT_HEADERS + 1] = {"eth", "ipv4", "ipv6", "tcp",
                                                             "udp", "icmp", NULL};

const uint8_t nprint_header_bytes[NPRINT_HEADERS] = {14, 60, 40, 60, 8, 8};

struct field {
    const char *name;
    unsigned bits;
};

static const struct field eth[] = {{"eth_dhost", 48}, {"eth_shost", 48}, {"eth_ethertype", 16}};

static const struct field ipv4[] = {
    {"ipv4_ver", 4},   {"ipv4_hl", 4},     {"ipv4_tos", 8},   {"ipv4_tl", 16},   {"ipv4_id", 16},
    {"ipv4_rbit", 1},  {"ipv4_dfbit", 1},  {"ipv4_mfbit", 1}, {"ipv4_foff", 13}, {"ipv4_ttl", 8},
    {"ipv4_proto", 8}, {"ipv4_cksum", 16}, {"ipv4_src", 32},  {"ipv4_dst", 32},  {"ipv4_opt", 320},
};

static const struct field ipv6[] = {
    {"ipv6_ver", 4}, {"ipv6_tc", 8}, {"ipv6_fl", 20},   {"ipv6_len", 16},
    {"ipv6_nh", 8},  {"ipv6_hl", 8}, {"ipv6_src", 128}, {"ipv6_dst", 128},
};

static const struct field tcp[] = {
    {"tcp_sprt", 16},  {"tcp_dprt", 16},  {"tcp_seq", 32}, {"tcp_ackn", 32}, {"tcp_doff", 4},
    {"tcp_res", 3},    {"tcp_ns", 1},     {"tcp_cwr", 1},  {"tcp_ece", 1},   {"tcp_urg", 1},
    {"tcp_ackf", 1},   {"tcp_psh", 1},    {"tcp_rst", 1},  {"tcp_syn", 1},   {"tcp_fin", 1},
    {"tcp_wsize", 16}, {"tcp_cksum", 16}, {"tcp_urp", 16}, {"tcp_opt", 320},
};

static const struct field udp[] = {
    {"udp_sport", 16}, {"udp_dport", 16}, {"udp_len", 16}, {"udp_cksum", 16}};

static const struct field icmp[] = {
    {"icmp_type", 8}, {"icmp_code", 8}, {"icmp_cksum", 16}, {"icmp_roh", 32}};

static const struct field *const fields[NPRINT_HEADERS] = {eth, ipv4, ipv6, tcp, udp, icmp};

void nprint_bit_name(enum nprint_header header, unsigned bit, char out[ARRAY_COLUMN_NAME])
{
    const struct field *field = fields[header];
    while (bit >= field->bits) /* the fields of a header have all its bits */
        bit -= field++->bits;
    snprintf(out, ARRAY_COLUMN_NAME, "%s_%u", field->name, bit);
}
