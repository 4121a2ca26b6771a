/*
 * pcapencoder: an IP packet in hexadecimal, in groups of four digits, as the context of a
 * question. Pcap-Encoder: https://github.com/SmartData-Polito/Debunk_Traffic_Representation
 */
#include "arrays/forms/hex_text.h"

static const char question[] = "What is the representation of this packet?";

static const struct lcap_column columns[] = {
    {"question", LCAP_CELL_TEXT, "", "The same for all packets", NULL, NULL},
    {"class", LCAP_CELL_UNSIGNED, "", "The number of the label", NULL, NULL},
    {"type_q", LCAP_CELL_TEXT, "", "The label", NULL, NULL},
    {"context", LCAP_CELL_TEXT, "", "The IP packet in hexadecimal", NULL, NULL},
};

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->packets > 1)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--packets: a row of --form pcapencoder has one packet");
    settings->packets = 1;
    settings->shape = (struct array_shape){.type = "text", .item_size = 1};
    return LCAP_OK;
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    return settings->bytes > 0 ? packet->network + settings->bytes : packet->end;
}

/* Groups of four digits with a space between them; the last one may have two. */
static struct lcap_cell context_of(struct array_bytes bytes, char *text)
{
    char *end = hex_text_groups(text, bytes, 2);
    if (bytes.len % 2 == 1) {
        const uint8_t last[] = {bytes.at[bytes.len - 1], 0};
        end = hex_text_groups(end, (struct array_bytes){last, sizeof last}, 2) - 2;
    }
    if (bytes.len > 0)
        end--;
    return (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)(end - text), .value.text = text};
}

static int cells(const struct array_settings *settings, const struct array_row *row,
                 struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    const struct array_packet *packet = &row->packets[0];
    (void)settings;
    const struct array_bytes bytes = array_bytes_between(packet, packet->network, packet->end);
    char *text = arena_take(texts, (size_t)bytes.len * 3 + 3, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    cells[0] = (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = sizeof question - 1, .value.text = question};
    cells[1] = hex_text_label_number(row);
    cells[2] = hex_text_label(row);
    cells[3] = context_of(bytes, text);
    return LCAP_OK;
}

const struct array_form form_pcapencoder = {
    .name = "pcapencoder",
    .per = ARRAY_PER_PACKET,
    .mask = "ip,ports",
    .settle = settle,
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .numbers_labels = true,
    .cells = cells,
    .reach = reach,
};
