/*
 * trafficformer: pairs of adjacent bytes of the first 64 bytes of IP packets, whose endpoints
 * and times are random. TrafficFormer: https://github.com/IDP-code/TrafficFormer
 * (data_generation/finetuning_data_gen.py, with start_index 28 and 64 bytes)
 */
#include "arrays/forms/hex_text.h"

enum { USUAL_BYTES = 64 };

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    return packet->network + settings->bytes;
}

static struct array_bytes part(const struct array_settings *settings,
                               const struct array_packet *packet)
{
    (void)settings;
    return array_bytes_between(packet, packet->network, packet->end);
}

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->bytes == 0)
        settings->bytes = USUAL_BYTES;
    hex_text_settle(settings, settings->bytes - 1);
    (void)error;
    return LCAP_OK;
}

static int cells(const struct array_settings *settings, const struct array_row *row,
                 struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    return hex_text_pairs(settings, row, part, "[SEP] ", texts, cells, error);
}

const struct array_form form_trafficformer = {
    .name = "trafficformer",
    .per = ARRAY_PER_FLOW,
    .mask = "ip,ports,tcp_timestamps,tls_time,random",
    .settle = settle,
    .columns = hex_text_columns,
    .column_count = HEX_TEXT_COLUMNS,
    .numbers_labels = true,
    .cells = cells,
    .reach = reach,
};
