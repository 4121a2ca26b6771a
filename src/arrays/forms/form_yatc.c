/*
 * yatc and netmamba: 5 packets, of each 80 bytes of headers from IP on and 240 bytes of
 * payload, as an image of 40 × 40 bytes.
 * YaTC: https://github.com/NSSL-SJTU/YaTC (data_process.py);
 * NetMamba: https://github.com/wangtz19/NetMamba (dataset/dataset_common.py).
 */
#include "arrays/array_form.h"

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
    (void)settings;
    return packet->payload + PAYLOAD;
}

static void put(uint8_t *out, uint32_t room, const struct array_packet *packet, uint32_t from,
                uint32_t to)
{
    const struct array_bytes bytes = array_bytes_between(packet, from, to);
    const uint32_t len = bytes.len < room ? bytes.len : room;
    memcpy(out, bytes.at, len);
    memset(out + len, 0, room - len);
}

static void fill(const struct array_settings *settings, const struct array_row *row, uint8_t *out)
{
    const uint32_t count = row->count < PACKETS ? row->count : PACKETS;
    for (uint32_t i = 0; i < count; i++, out += HEADERS + PAYLOAD) {
        const struct array_packet *packet = &row->packets[i];
        put(out, HEADERS, packet, packet->network, packet->payload);
        put(out + HEADERS, PAYLOAD, packet, packet->payload, packet->end);
    }
    memset(out, 0, (size_t)(PACKETS - count) * (HEADERS + PAYLOAD));
    (void)settings;
}

const struct array_form form_yatc = {
    .name = "yatc",
    .summary = "5 packets of 80 bytes of headers and 240 of payload, 40 x 40 (YaTC)",
    .per = ARRAY_PER_FLOW,
    .settle = settle,
    .reach = reach,
    .fill = fill,
};

const struct array_form form_netmamba = {
    .name = "netmamba",
    .summary = "the same with IP addresses 0 (NetMamba)",
    .per = ARRAY_PER_FLOW,
    .mask = "ip",
    .settle = settle,
    .reach = reach,
    .fill = fill,
};
