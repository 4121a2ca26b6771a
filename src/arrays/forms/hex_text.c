#include "arrays/forms/hex_text.h"

#include "base/bytes.h"
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

/* Bytes whose digits are made at once. */
enum { PIECE = sizeof(bytes16) };

static bytes16 digits_of(bytes16 values)
{
    return values + '0' + ((bytes16)(values > 9) & ('a' - '9' - 1));
}

/* `len` is at most PIECE; the digits behind those bytes are 0. */
static void put_digits(char out[2 * PIECE], const uint8_t *at, uint32_t len)
{
    bytes16 bytes = {0};
    if (len == PIECE)
        bytes = load_bytes16(at);
    else
        memcpy(&bytes, at, len);
    const bytes16 high = digits_of(bytes >> 4), low = digits_of(bytes & 15);
    const bytes16 digits[] = {
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
        __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                31)};
    memcpy(out, digits, sizeof digits);
}

static char *put_group(char *out, const char *digits)
{
    enum { DIGITS = 4 };
    memcpy(out, digits, DIGITS);
    out[DIGITS] = ' ';
    return out + DIGITS + 1;
}

char *hex_text_groups(char *out, struct array_bytes bytes, uint32_t step)
{
    char digits[2 * PIECE];
    for (uint32_t at = 0; at + 1 < bytes.len;) {
        const uint32_t left = bytes.len - at, len = left < PIECE ? left : PIECE;
        put_digits(digits, bytes.at + at, len);
        for (uint32_t i = 0; i + 1 < len; i += step, at += step)
            out = put_group(out, digits + 2 * (size_t)i);
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
        end = hex_text_groups(put_text(end, before), part(settings, &row->packets[i]), 1);
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
