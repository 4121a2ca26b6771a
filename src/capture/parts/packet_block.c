/* Writes the block of a packet as its encoder has planned it. */
#include "base/bytes.h"
#include "capture/encoder.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"

static uint8_t *put_option(const struct encoder *e, uint16_t code, const void *value, size_t len,
                           uint8_t *at)
{
    store16(at, code, e->big_endian);
    store16(at + 2, (uint16_t)len, e->big_endian);
    if (len > 0) {
        memset(at + pad4(len), 0, PCAPNG_OPTION_HEADER); /* the last four bytes: padding */
        memcpy(at + PCAPNG_OPTION_HEADER, value, len);
    }
    return at + pcapng_option_size(len);
}

/* Writes the packet's bytes, padded with zeros. Returns where the next byte goes. */
static uint8_t *put_data(const struct lcap_packet *packet, const struct packet_plan *plan,
                         uint8_t *at)
{
    size_t padded = pad4(plan->caplen);
    if (padded == 0)
        return at;
    memset(at + padded - 4, 0, 4);
    memcpy(at, packet->data, plan->caplen);
    if (plan->swaps_header)
        linktype_swap_header(packet->interface->linktype, at, plan->caplen, packet->len,
                             HOST_BIG_ENDIAN);
    return at + padded;
}

static uint8_t *put_drops(const struct encoder *e, uint64_t drops, uint8_t *at)
{
    uint8_t value[8];
    store64(value, drops, e->big_endian);
    return put_option(e, OPT_EPB_DROPCOUNT, value, sizeof value, at);
}

static uint8_t *put_options(const struct encoder *e, const struct lcap_packet *packet,
                            const struct packet_plan *plan, uint8_t *at)
{
    const struct lcap_edit *edit = plan->edit;
    if (edit)
        at = put_option(e, OPT_COMMENT, edit->comment, edit->comment_len, at);
    if (edit && edit->second)
        at = put_option(e, OPT_COMMENT, edit->second, edit->second_len, at);
    if (plan->own_len > 0)
        memcpy(at, plan->own, plan->own_len);
    at += plan->own_len;
    if (packet->drops != LCAP_NO_DROPS)
        at = put_drops(e, packet->drops, at);
    memset(at, 0, PCAPNG_OPTIONS_END);
    return at + PCAPNG_OPTIONS_END;
}

void encoder_put_packet(const struct encoder *e, const struct lcap_packet *packet,
                        const struct packet_plan *plan, uint8_t *at)
{
    bool big = e->big_endian;
    store32(at, plan->simple ? PCAPNG_SIMPLE_PACKET : PCAPNG_ENHANCED_PACKET, big);
    store32(at + 4, plan->size, big);
    at += PCAPNG_BEFORE_BODY;
    if (plan->simple) {
        store32(at, packet->len, big);
        at += PCAPNG_SIMPLE_FIXED;
    } else {
        store32(at, plan->interface_id, big);
        store32(at + 4, (uint32_t)(plan->timestamp >> 32), big);
        store32(at + 8, (uint32_t)plan->timestamp, big);
        store32(at + 12, plan->caplen, big);
        store32(at + 16, packet->len, big);
        at += PCAPNG_ENHANCED_FIXED;
    }
    at = put_data(packet, plan, at);
    if (plan->options_len > 0)
        at = put_options(e, packet, plan, at);
    store32(at, plan->size, big);
}
