/*
 * A column of Arrow: its type, and its cells of one batch in the layout of the format.
 * https://arrow.apache.org/docs/format/Columnar.html
 */
#ifndef TABLE_ARROW_COLUMN_H
#define TABLE_ARROW_COLUMN_H

#include "table/table_cells.h"

enum { ARROW_LISTS = 2, ARROW_NODES = ARROW_LISTS + 1, ARROW_BUFFERS = 2 * ARROW_LISTS + 3 };

struct arrow_column {
    const char *name;
    unsigned lists;      /* around the values */
    char type;           /* of the values, as Arrow's C data interface names it */
    struct buffer there; /* a byte for each row; at the end of a batch a bit */
    size_t rows, nulls;
    struct buffer offsets[ARROW_LISTS + 1]; /* of lists, the outer one first, then of texts */
    struct buffer values;                   /* of bool as `there` */
    size_t value_count;
};

/* `types`: a list has "+l" before the type of its elements; NULL: that of the kind. */
void arrow_column_init(struct arrow_column *column, const struct lcap_column *from,
                       const char *types);
/* Empties it and keeps its memory. */
int arrow_column_begin(struct arrow_column *column, struct lcap_error *error);
int arrow_column_add(struct arrow_column *column, const struct cell_view *cell,
                     struct lcap_error *error);
size_t arrow_column_bytes(const struct arrow_column *column);
void arrow_column_release(struct arrow_column *column);

/* After the last cell: the buffers in the order of the format; returns how many. */
size_t arrow_column_end(struct arrow_column *column, const struct buffer *buffers[ARROW_BUFFERS]);

/* How many lists there are at a level, or values below all lists. */
size_t arrow_column_length(const struct arrow_column *column, unsigned level);

#endif
