/* Text in the columns of a terminal: widths, cells that fit, columns that share a line. */
#ifndef BASE_TEXT_TEXT_COLUMNS_H
#define BASE_TEXT_TEXT_COLUMNS_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * The width of the text in columns: 2 for wide East Asian characters and emoji, 0
 * for combining marks, otherwise 1. `text` is UTF-8 without control characters, as
 * text_append_escaped() makes it.
 */
size_t text_width(const char *text, size_t len);

/* The number of bytes at the front that fit `width` columns; characters stay whole. */
size_t text_fitting_length(const char *text, size_t len, size_t width);

/*
 * Appends `text`, whose first line begins in column `indent`, and breaks lines at
 * spaces, or in words longer than a line (after a slash if there is one), so that they
 * end before column `width`. A width of 0 breaks nothing.
 */
int text_append_wrapped(struct buffer *out, const char *text, size_t len, size_t indent,
                        size_t width, struct lcap_error *error);

struct text_column {
    size_t wanted; /* the widest of its cells */
    size_t least;  /* the width to which cells may be cut; at most `wanted` */
    bool right;    /* numbers */
    size_t width;  /* the resulting width; 0: there is no room */
};

/* Columns are separated by two spaces. */
enum { TEXT_COLUMN_GAP = 2 };

/*
 * Sets the width of each column, so that a line fits `width`; 0 means no limit.
 * Columns on the left come first. Returns whether there is room for all; if not,
 * there is room for the mark of text_columns_append().
 */
bool text_columns_share(struct text_column *columns, size_t count, size_t width);

struct text_cell {
    const char *text;
    size_t len;
};

/*
 * Appends a line with a cell for each column, cut with "…" if it is too wide,
 * without trailing spaces. `more`: marks the end, because some columns have no
 * room.
 */
int text_columns_append(struct buffer *out, const struct text_column *columns, size_t count,
                        const struct text_cell *cells, bool more, struct lcap_error *error);

#endif
