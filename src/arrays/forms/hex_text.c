#include "arrays/forms/hex_text.h"

#include <string.h>

enum { PAIR_TEXT = 5, BEFORE_TEXT = 8, USUAL_PACKETS = 5 };

const struct lcap_column hex_text_columns[HEX_TEXT_COLUMNS] = {
    {"label", LCAP_CELL_UNSIGNED, "", "The number of the label", NULL, NULL},
    {"text_a", LCAP_CELL_TEXT, "", "Pairs of adjacent bytes", NULL, NULL},
    {"metadata", LCAP_CELL_TEXT, "", "The label", NULL, NULL},
};

struct lcap_cell hex_text_label_number(const struct array_row *row)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = row->label};
}

struct lcap_cell hex_text_label(const struct array_row *row)
{
    return (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = row->label_len, .value.text = row->label_text};
}

static char *put_pairs(char *out, struct array_bytes bytes)
{
    for (uint32_t i = 0; i + 1 < bytes.len; i++) {
        out = hex_text_put(out, bytes.at[i], bytes.at[i + 1]);
        *out++ = ' ';
    }
    return out;
}

static char *put_text(char *out, const char *text)
{
    while (*text)
        *out++ = *text++;
    return out;
}

int hex_text_pairs(const struct array_settings *settings, const struct array_row *row,
                   hex_text_part *part, const char *before, struct arena *texts,
                   struct lcap_cell *cells, struct lcap_error *error)
{
    size_t room = 1;
    for (uint32_t i = 0; i < row->count; i++)
        room += strlen(before) + (size_t)PAIR_TEXT * part(settings, &row->packets[i]).len;
    char *const text = arena_take(texts, room, error);
    char *end = text;
    if (!text)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < row->count; i++)
        end = put_pairs(put_text(end, before), part(settings, &row->packets[i]));
    cells[0] = hex_text_label_number(row);
    cells[1] = (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)(end - text), .value.text = text};
    cells[2] = hex_text_label(row);
    return LCAP_OK;
}

/* The size of an item is the most that a text can have. */
void hex_text_settle(struct array_settings *settings, uint32_t pairs)
{
    if (settings->per == ARRAY_PER_PACKET)
        settings->packets = 1;
    if (settings->packets == 0)
        settings->packets = USUAL_PACKETS;
    const uint64_t most = (uint64_t)settings->packets * (PAIR_TEXT * (uint64_t)pairs + BEFORE_TEXT);
    settings->shape = (struct array_shape){
        .type = "text", .item_size = most < UINT32_MAX ? (unsigned)most : UINT32_MAX};
}
