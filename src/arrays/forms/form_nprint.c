/*
 * nprint: a bit of a header is 0 or 1, one of a header that a packet lacks is -1.
 * https://github.com/nprint/nprint; the names of the columns are those of version 1.2.1.
 */
#include "arrays/array_form.h"

#include "arrays/forms/nprint_compat.h"
#include "arrays/forms/nprint_headers.h"
#include "base/bytes.h"
#include "base/linktype_numbers.h"
#include "packet/packet_headers.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ABSENT (-1)

/* NetDiffusion draws flows of so many packets. */
#define USUAL_PACKETS 1024

typedef uint16_t pairs16 __attribute__((vector_size(16)));
typedef uint32_t words16 __attribute__((vector_size(16)));

/* Of two bytes, each of which is there eight times: their bits, the highest first. */
static inline void put_two(uint8_t *out, words16 twice_eight)
{
    const bytes16 bits = {128, 64, 32, 16, 8, 4, 2, 1, 128, 64, 32, 16, 8, 4, 2, 1};
    const bytes16 set = (bytes16)(((bytes16)twice_eight & bits) == bits);
    store_bytes16(out, set & 1);
}

/* The bits of four bytes, as most headers have them. */
static inline void put_four(uint8_t *out, const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    const bytes16 once = (bytes16)(words16){word};
    const pairs16 twice = (pairs16)__builtin_shufflevector(once, once, 0, 16, 1, 17, 2, 18, 3, 19,
                                                           4, 20, 5, 21, 6, 22, 7, 23);
    const words16 four = (words16)__builtin_shufflevector(twice, twice, 0, 8, 1, 9, 2, 10, 3, 11);
    put_two(out, __builtin_shufflevector(four, four, 0, 0, 1, 1));
    put_two(out + 16, __builtin_shufflevector(four, four, 2, 2, 3, 3));
}

static void put_byte(uint8_t *out, uint8_t byte)
{
    for (unsigned bit = 0; bit < 8; bit++)
        out[bit] = byte >> (7 - bit) & 1;
}

/* Writes the bits of the bytes that are there, but of `room` bytes at most. */
static void put_bytes(uint8_t *out, uint32_t room, struct array_bytes bytes)
{
    const uint8_t *at = bytes.at, *const end = at + (bytes.len < room ? bytes.len : room);
    for (; end - at >= 4; at += 4, out += 32)
        put_four(out, at);
    for (; at < end; at++, out += 8)
        put_byte(out, *at);
}

static uint32_t end_of_ipv4(const struct array_packet *packet)
{
    if (packet->network >= packet->captured)
        return packet->captured;
    return packet->network + (packet->data[packet->network] & 15u) * 4;
}

/* In compat mode the payload does not always begin behind it. */
static uint32_t end_of_transport(const struct array_packet *packet)
{
    if (packet->protocol != IP_PROTOCOL_TCP || packet->transport + 12 >= packet->captured)
        return packet->payload;
    return packet->transport + (packet->data[packet->transport + 12] >> 4) * 4u;
}

/* Of one packet: the columns that come next. */
struct filling {
    const struct array_settings *settings;
    const struct array_packet *packet;
    uint8_t *out;
};

/* Passes the columns of a header, and writes the bits of one that is there. */
static inline void put_header(struct filling *f, enum nprint_header header, bool is_there,
                              uint32_t from, uint32_t to)
{
    const uint32_t room = nprint_header_bytes[header];
    if (!(f->settings->headers & 1u << header))
        return;
    if (is_there)
        put_bytes(f->out, room, array_bytes_between(f->packet, from, to));
    f->out += 8 * (size_t)room;
}

static void put_transport(struct filling *f)
{
    const struct array_packet *packet = f->packet;
    const uint8_t protocol = packet->protocol;
    const uint32_t from = packet->transport, to = end_of_transport(packet);
    const bool is_icmp = protocol_is_icmp(protocol);
    put_header(f, NPRINT_TCP, packet->has_transport && protocol == IP_PROTOCOL_TCP, from, to);
    put_header(f, NPRINT_UDP, packet->has_transport && protocol == IP_PROTOCOL_UDP, from, to);
    put_header(f, NPRINT_ICMP, packet->has_transport && is_icmp, from, to);
}

static void fill_packet(const struct array_settings *settings, const struct array_packet *packet,
                        uint8_t *out)
{
    struct array_packet view;
    if (settings->compat && nprint_compat_view(packet, &view))
        packet = &view;
    struct filling f = {settings, packet, out};
    const bool is_ipv4 = packet->family == FAMILY_IPV4;
    const uint32_t network = packet->network;
    put_header(&f, NPRINT_ETH, packet->linktype == LINKTYPE_ETHERNET, 0, network);
    put_header(&f, NPRINT_IPV4, is_ipv4, network, end_of_ipv4(packet));
    put_header(&f, NPRINT_IPV6, !is_ipv4, network, packet->transport);
    put_transport(&f);
    put_bytes(f.out, settings->bytes, array_bytes_between(packet, packet->payload, packet->end));
}

static uint64_t columns_of(const struct array_settings *settings)
{
    uint64_t bytes = settings->bytes;
    for (enum nprint_header header = 0; header < NPRINT_HEADERS; header++)
        bytes += settings->headers & 1u << header ? nprint_header_bytes[header] : 0;
    return 8 * bytes;
}

static void fill(const struct array_settings *settings, const struct array_row *row, uint8_t *out)
{
    const struct array_shape *shape = &settings->shape;
    const size_t columns = shape->extents[shape->dimensions - 1];
    memset(out, ABSENT, settings->packets * columns);
    for (uint32_t i = 0; i < row->count; i++, out += columns)
        fill_packet(settings, &row->packets[i], out);
}

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->headers == 0)
        settings->headers = NPRINT_USUAL_HEADERS;
    if (settings->packets == 0)
        settings->packets = settings->per == ARRAY_PER_PACKET ? 1 : USUAL_PACKETS;
    settings->shape = (struct array_shape){
        .type = "|i1",
        .item_size = 1,
        .dimensions = settings->per == ARRAY_PER_PACKET ? 1 : 2,
        .extents = {settings->packets, columns_of(settings)},
    };
    if (settings->per == ARRAY_PER_PACKET)
        settings->shape.extents[0] = columns_of(settings);
    (void)error;
    return LCAP_OK;
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    const uint32_t more = settings->compat ? NPRINT_COMPAT_REACH : 0;
    return packet->payload + more + settings->bytes;
}

static void name(const struct array_settings *settings, uint64_t index, char out[ARRAY_COLUMN_NAME])
{
    for (enum nprint_header header = 0; header < NPRINT_HEADERS; header++) {
        if (!(settings->headers & 1u << header))
            continue;
        const uint64_t bits = 8 * (uint64_t)nprint_header_bytes[header];
        if (index < bits) {
            nprint_bit_name(header, (unsigned)index, out);
            return;
        }
        index -= bits;
    }
    snprintf(out, ARRAY_COLUMN_NAME, "payload_bit_%" PRIu64, index);
}

static bool takes(const struct array_settings *settings, const struct array_packet *packet)
{
    struct array_packet view;
    return !settings->compat || nprint_compat_view(packet, &view);
}

const struct array_form form_nprint = {
    .name = "nprint",
    .per = ARRAY_PER_PACKET,
    .has_compat = true,
    .settle = settle,
    .takes = takes,
    .reach = reach,
    .fill = fill,
    .name_column = name,
};
