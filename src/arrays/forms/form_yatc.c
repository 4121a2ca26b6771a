/*
 * yatc and netmamba: 5 packets, of each 80 bytes of headers from IP on and 240 bytes of
 * payload, as an image of 40 × 40 bytes.
 * YaTC: https://github.com/NSSL-SJTU/YaTC (data_process.py);
 * NetMamba: https://github.com/wangtz19/NetMamba (dataset/dataset_common.py).
 */
#include "arrays/array_form.h"

#include "arrays/forms/scapy_raw.h"
#include "packet/packet_headers.h"
#include <string.h>

enum { PACKETS = 5, HEADERS = 80, PAYLOAD = 240, SIDE = 40 };

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->packets || settings->bytes)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--form %s has 5 packets of 80 and 240 bytes: leave out --packets "
                              "and --bytes",
                              settings->form->name);
    settings->packets = PACKETS;
    settings->shape = (struct array_shape){
        .type = "|u1", .item_size = 1, .dimensions = 2, .extents = {SIDE, SIDE}};
    return LCAP_OK;
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    return settings->compat ? UINT32_MAX : packet->payload + PAYLOAD;
}

static void put(uint8_t *out, uint32_t room, struct array_bytes bytes)
{
    const uint32_t len = bytes.len < room ? bytes.len : room;
    memcpy(out, bytes.at, len);
    memset(out + len, 0, room - len);
}

static void fill_packet(const struct array_packet *packet, uint8_t *out)
{
    put(out, HEADERS, array_bytes_between(packet, packet->network, packet->payload));
    put(out + HEADERS, PAYLOAD, array_bytes_between(packet, packet->payload, packet->end));
}

/* ---- as the originals do ---- */

static uint8_t digit_of(struct array_bytes bytes, size_t at)
{
    return at % 2 == 0 ? bytes.at[at / 2] >> 4 : bytes.at[at / 2] & 15;
}

/* Whether digit by digit `part` is in `bytes` at that digit, which may be half a byte. */
static bool has_digits(struct array_bytes bytes, size_t at, struct array_bytes part)
{
    const size_t digits = 2 * (size_t)part.len;
    if (digits == 0 || at + digits > 2 * (size_t)bytes.len)
        return false;
    if (at % 2 == 0)
        return memcmp(bytes.at + at / 2, part.at, part.len) == 0;
    size_t i = 0;
    while (i < digits && digit_of(bytes, at + i) == digit_of(part, i))
        i++;
    return i == digits;
}

/* Both take the payload for a text of digits, and remove it wherever it is in that of the packet.
 */
static void put_without(uint8_t *out, struct array_bytes packet, struct array_bytes payload)
{
    const size_t digits = 2 * (size_t)packet.len;
    size_t count = 0;
    memset(out, 0, HEADERS);
    for (size_t at = 0; at < digits && count < 2 * (size_t)HEADERS;) {
        if (has_digits(packet, at, payload)) {
            at += 2 * (size_t)payload.len;
            continue;
        }
        out[count / 2] |= (uint8_t)(digit_of(packet, at++) << (count % 2 == 0 ? 4 : 0));
        count++;
    }
}

/* NetMamba has zeros for packets without IPv4, at which YaTC stops. */
static void fill_compat(const struct array_packet *packet, uint8_t *out)
{
    if (packet->family != FAMILY_IPV4) {
        memset(out, 0, HEADERS + PAYLOAD);
        return;
    }
    const uint32_t begin = scapy_raw_begin(packet);
    const struct array_bytes payload = array_bytes_between(packet, begin, packet->captured);
    put_without(out, array_bytes_between(packet, packet->network, packet->captured), payload);
    put(out + HEADERS, PAYLOAD, payload);
}

static void fill(const struct array_settings *settings, const struct array_row *row, uint8_t *out)
{
    const uint32_t count = row->count < PACKETS ? row->count : PACKETS;
    for (uint32_t i = 0; i < count; i++, out += HEADERS + PAYLOAD)
        (settings->compat ? fill_compat : fill_packet)(&row->packets[i], out);
    memset(out, 0, (size_t)(PACKETS - count) * (HEADERS + PAYLOAD));
}

const struct array_form form_yatc = {
    .name = "yatc",
    .per = ARRAY_PER_FLOW,
    .has_compat = true,
    .settle = settle,
    .reach = reach,
    .fill = fill,
};

const struct array_form form_netmamba = {
    .name = "netmamba",
    .per = ARRAY_PER_FLOW,
    .has_compat = true,
    .mask = "ip",
    .settle = settle,
    .reach = reach,
    .fill = fill,
};
