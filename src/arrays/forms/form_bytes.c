/* The first bytes of the first packets, from a layer on, zero-padded. */
#include "arrays/array_form.h"

#include <string.h>

static uint32_t begin_of(const struct array_settings *settings, const struct array_packet *packet)
{
    switch (settings->part) {
    case ARRAY_L2:
        return 0;
    case ARRAY_L4:
        return packet->transport;
    case ARRAY_PAYLOAD:
        return packet->payload;
    default:
        return packet->network;
    }
}

/* What follows the IP packet belongs to the link layer. */
static struct array_bytes bytes_of(const struct array_settings *settings,
                                   const struct array_packet *packet)
{
    const uint32_t end = settings->part == ARRAY_L2 ? packet->captured : packet->end;
    return array_bytes_between(packet, begin_of(settings, packet), end);
}

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->bytes == 0 || (settings->packets == 0 && settings->per != ARRAY_PER_PACKET))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "give --packets and --bytes, or a --form");
    if (settings->per == ARRAY_PER_PACKET)
        settings->packets = 1;
    settings->shape = (struct array_shape){
        .type = "|u1",
        .item_size = 1,
        .dimensions = settings->per == ARRAY_PER_PACKET ? 1 : 2,
        .extents = {settings->packets, settings->bytes},
    };
    if (settings->per == ARRAY_PER_PACKET)
        settings->shape.extents[0] = settings->bytes;
    return LCAP_OK;
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    return begin_of(settings, packet) + settings->bytes;
}

static void fill(const struct array_settings *settings, const struct array_row *row, uint8_t *out)
{
    for (uint32_t i = 0; i < settings->packets; i++, out += settings->bytes) {
        struct array_bytes bytes = {NULL, 0};
        if (i < row->count)
            bytes = bytes_of(settings, &row->packets[i]);
        if (bytes.len > 0)
            memcpy(out, bytes.at, bytes.len);
        memset(out + bytes.len, 0, settings->bytes - bytes.len);
    }
}

const struct array_form form_bytes = {
    .name = "bytes",
    .per = ARRAY_PER_FLOW,
    .settle = settle,
    .reach = reach,
    .fill = fill,
};
