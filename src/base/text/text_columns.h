/* Text in the columns of a terminal: widths, cells that fit, columns that share a line. */
#ifndef BASE_TEXT_TEXT_COLUMNS_H
#define BASE_TEXT_TEXT_COLUMNS_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * How many columns the text takes: 2 for the wide characters of East Asia and
 * for pictures, 0 for marks that combine, else 1. `text` is UTF-8 without control
 * characters, as text_append_escaped() makes it.
 */
size_t text_width(const char *text, size_t len);

/* How many bytes at its front take at most `width` columns; characters stay whole. */
size_t text_fitting_length(const char *text, size_t len, size_t width);

/*
 * Appends `text`, of which the first line begins in column `indent`, with lines
 * broken at spaces, and in words that are longer than a line, so that they end
 * before column `width`. A width of 0 breaks nothing.
 */
int text_append_wrapped(struct buffer *out, const char *text, size_t len, size_t indent,
                        size_t width, struct lcap_error *error);

struct text_column {
    size_t wanted; /* the widest of its cells */
    size_t least;  /* what cells may be cut to; no more than is wanted */
    bool right;    /* numbers */
    size_t width;  /* that it has; 0: there is no room for it */
};

/* Two spaces stand between columns. */
enum { TEXT_COLUMN_GAP = 2 };

/*
 * Gives each column a width, so that a line of them takes at most `width`; 0 is no
 * limit. Those at the left are served first. Returns whether there is room for all;
 * where there is not, the mark of text_columns_append() has room.
 */
bool text_columns_share(struct text_column *columns, size_t count, size_t width);

struct text_cell {
    const char *text;
    size_t len;
};

/*
 * Appends a line with a cell for each column: cut with "…" where it is too wide,
 * without spaces at the end. `more`: marks the end, for columns that have no room.
 */
int text_columns_append(struct buffer *out, const struct text_column *columns, size_t count,
                        const struct text_cell *cells, bool more, struct lcap_error *error);

#endif
