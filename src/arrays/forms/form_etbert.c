/*
 * etbert: pairs of adjacent bytes behind the addresses and ports of a packet.
 * ET-BERT: https://github.com/linwhitehat/ET-BERT (data_process/dataset_generation.py), which
 * cuts off 76 digits of any packet: Ethernet, IPv4 without options, and the ports.
 */
#include "arrays/forms/hex_text.h"

enum { USUAL_TOKENS = 128, FEWEST_PACKETS = 3, PORTS = 4, COMPAT_BEGIN = 38 };

static uint32_t begin_of(const struct array_settings *settings, const struct array_packet *packet)
{
    if (settings->compat)
        return COMPAT_BEGIN;
    return packet->transport + (packet->has_transport ? PORTS : 0);
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    return begin_of(settings, packet) + settings->bytes + 1;
}

static struct array_bytes part(const struct array_settings *settings,
                               const struct array_packet *packet)
{
    const uint32_t end = settings->compat ? packet->captured : packet->end;
    return array_bytes_between(packet, begin_of(settings, packet), end);
}

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->bytes == 0)
        settings->bytes = USUAL_TOKENS;
    if (settings->per != ARRAY_PER_PACKET && settings->min_packets == 0)
        settings->min_packets = FEWEST_PACKETS;
    hex_text_settle(settings, settings->bytes);
    (void)error;
    return LCAP_OK;
}

static int cells(const struct array_settings *settings, const struct array_row *row,
                 struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    return hex_text_pairs(settings, row, part, "", texts, cells, error);
}

const struct array_form form_etbert = {
    .name = "etbert",
    .per = ARRAY_PER_FLOW,
    .has_compat = true,
    .settle = settle,
    .columns = hex_text_columns,
    .column_count = HEX_TEXT_COLUMNS,
    .numbers_labels = true,
    .cells = cells,
    .reach = reach,
};
