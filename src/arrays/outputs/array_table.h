/* Rows as rows of a table: their columns, and the cells below them. */
#ifndef ARRAYS_OUTPUTS_ARRAY_TABLE_H
#define ARRAYS_OUTPUTS_ARRAY_TABLE_H

#include "arrays/array_batch.h"
#include "table/table.h"

/*
 * sample_id, flow, label, then what the form has: its columns of text; or a column for
 * each number of X, if they have names and a row is one packet; or a column x with all of
 * them. Then the series.
 */
struct array_table {
    const struct array_settings *settings;
    const struct array_items *items;
    struct lcap_column *columns;
    const struct lcap_column **listed; /* the same, for the schema */
    uint32_t *cells;
    const char **types;               /* for Arrow */
    char (*names)[ARRAY_COLUMN_NAME]; /* of the numbers of X */
    size_t named, count;
    struct table_schema schema;
};

/* All but the table is borrowed. Release it even after an error. */
int array_table_init(struct array_table *table, const struct array_settings *settings,
                     const struct array_items *items, const struct table_class *format,
                     struct lcap_error *error);
void array_table_release(struct array_table *table);

/* Encodes a row at the end of the first buffer. Several threads may run it at once. */
int array_table_encode(const struct array_table *table, const struct array_row *row,
                       struct array_encoded *encoded, struct lcap_error *error);

#endif
