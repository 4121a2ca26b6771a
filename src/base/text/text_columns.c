/* Text in the columns of a terminal. */
#include "base/text/text_columns.h"

#include <stdint.h>
#include <string.h>

#define ELLIPSIS       "\xE2\x80\xA6"
#define ELLIPSIS_WIDTH 1

struct code_range {
    uint32_t first, last;
};

/*
 * Blocks of characters that Unicode's EastAsianWidth.txt calls wide or fullwidth,
 * and emoji that terminals show as such. Whole blocks: a wrong width of a character
 * in a rare script shifts a cell by one.
 */
static const struct code_range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18D08}, {0x1AFF0, 0x1B2FB}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/* Blocks of combining marks, joiners and variation selectors. */
static const struct code_range combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},   {0x064B, 0x065F},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},   {0x200B, 0x200D},
    {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
};

static bool is_within(const struct code_range *ranges, size_t count, uint32_t code)
{
    size_t i = 0;
    while (i < count && ranges[i].last < code)
        i++;
    return i < count && ranges[i].first <= code;
}

/* Skips the character at *text, valid UTF-8, and returns its width. */
static size_t step(const char **text)
{
    const uint8_t first = (uint8_t) * *text;
    const size_t len = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t code = len == 1 ? first : first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((uint8_t)(*text)[i] & 0x3F);
    *text += len;
    if (code < combining[0].first)
        return 1;
    if (is_within(wide, sizeof wide / sizeof *wide, code))
        return 2;
    return !is_within(combining, sizeof combining / sizeof *combining, code);
}

size_t text_width(const char *text, size_t len)
{
    const char *end = text + len;
    size_t width = 0;
    while (text < end)
        width += step(&text);
    return width;
}

size_t text_fitting_length(const char *text, size_t len, size_t width)
{
    const char *at = text, *end = text + len, *next = text;
    while (at < end) {
        const size_t taken = step(&next);
        if (taken > width)
            break;
        width -= taken;
        at = next;
    }
    return (size_t)(at - text);
}

static int append_spaces(struct buffer *out, size_t count, struct lcap_error *error)
{
    const int rc = buffer_reserve(out, count, error);
    if (rc < 0 || count == 0)
        return rc;
    memset(out->data + out->len, ' ', count);
    out->len += count;
    return LCAP_OK;
}

/*
 * How much of a text that is too long goes into one line, of which the first `fits`
 * bytes do: up to the last space, or in a word that fills the line, up to the last
 * slash, as paths have, unless that leaves most of the line empty; else all that fits.
 */
static size_t line_length(const char *text, size_t fits)
{
    size_t end = fits;
    while (end > 0 && text[end] != ' ')
        end--;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    if (end > 0)
        return end;
    end = fits;
    while (end > 0 && text[end - 1] != '/')
        end--;
    return end > fits / 4 ? end : fits;
}

int text_append_wrapped(struct buffer *out, const char *text, size_t len, size_t indent,
                        size_t width, struct lcap_error *error)
{
    enum { LEAST_WIDTH = 8 }; /* in a window too narrow for the indent */
    const size_t room = width > indent + LEAST_WIDTH ? width - indent : LEAST_WIDTH;
    size_t fits;
    int rc = LCAP_OK;
    while (width && rc == LCAP_OK && (fits = text_fitting_length(text, len, room)) < len) {
        const size_t line = line_length(text, fits);
        rc = buffer_append(out, text, line, error);
        if (rc == LCAP_OK)
            rc = buffer_append(out, "\n", 1, error);
        if (rc == LCAP_OK)
            rc = append_spaces(out, indent, error);
        text += line;
        len -= line;
        for (; len > 0 && *text == ' '; len--)
            text++;
    }
    return rc == LCAP_OK ? buffer_append(out, text, len, error) : rc;
}

/* Gives all columns that fit their minimum width. Returns the width that they use. */
static size_t seat(struct text_column *columns, size_t count, size_t width, bool *all)
{
    size_t used = 0;
    *all = true;
    for (size_t i = 0; i < count; i++) {
        struct text_column *column = &columns[i];
        const size_t gap = used > 0 ? TEXT_COLUMN_GAP : 0;
        column->width = column->least;
        if (i == 0 && column->width > width)
            column->width = width;
        if (used + gap + column->width > width)
            column->width = 0;
        if (column->width > 0)
            used += gap + column->width;
        else
            *all = false;
    }
    return used;
}

bool text_columns_share(struct text_column *columns, size_t count, size_t width)
{
    const size_t mark = TEXT_COLUMN_GAP + ELLIPSIS_WIDTH;
    bool all;
    if (width == 0)
        width = SIZE_MAX;
    size_t used = seat(columns, count, width, &all);
    if (!all && width > mark) {
        width -= mark;
        used = seat(columns, count, width, &all);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t missing = columns[i].wanted - columns[i].least;
        const size_t extra = missing < width - used ? missing : width - used;
        if (columns[i].width == columns[i].least) {
            columns[i].width += extra;
            used += extra;
        }
    }
    return all;
}

static int append_cell(struct buffer *out, const struct text_column *column,
                       const struct text_cell *cell, struct lcap_error *error)
{
    size_t len = cell->len, width = text_width(cell->text, len);
    const bool cut = width > column->width;
    if (cut) {
        len = text_fitting_length(cell->text, len, column->width - ELLIPSIS_WIDTH);
        width = text_width(cell->text, len) + ELLIPSIS_WIDTH;
    }
    int rc = column->right ? append_spaces(out, column->width - width, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = buffer_append(out, cell->text, len, error);
    if (rc == LCAP_OK && cut)
        rc = buffer_append_text(out, ELLIPSIS, error);
    return rc == LCAP_OK && !column->right ? append_spaces(out, column->width - width, error) : rc;
}

int text_columns_append(struct buffer *out, const struct text_column *columns, size_t count,
                        const struct text_cell *cells, bool more, struct lcap_error *error)
{
    const size_t start = out->len;
    int rc = LCAP_OK;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++) {
        if (columns[i].width == 0)
            continue;
        if (out->len > start)
            rc = append_spaces(out, TEXT_COLUMN_GAP, error);
        if (rc == LCAP_OK)
            rc = append_cell(out, &columns[i], &cells[i], error);
    }
    if (rc == LCAP_OK && more)
        rc = buffer_append_text(out, "  " ELLIPSIS, error);
    while (out->len > start && out->data[out->len - 1] == ' ')
        out->len--;
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}
