/*
 * The rows of a table as tools and people save it: fields separated by commas,
 * semicolons or tabs, quoted or not, in any encoding that holds ASCII; logs of Zeek
 * with their '#' lines. More lenient than base/text/csv, which reads our own files.
 */
#ifndef DATASET_RULE_TABLES_TABLE_ROWS_H
#define DATASET_RULE_TABLES_TABLE_ROWS_H

#include "base/buffer.h"
#include "base/io/input.h"

/* No table of flows is nearly as wide; Zeek's and CICFlowMeter's have 21 to 85 columns. */
#define TABLE_MAX_FIELDS 1024

struct table_field {
    const char *text; /* without surrounding spaces and quotes; not terminated */
    size_t len;
};

struct table_rows {
    struct input *in;
    struct buffer line;
    struct table_field fields[TABLE_MAX_FIELDS]; /* of the current row */
    size_t count;
    uint64_t number; /* of its line, from 1 */
    char separator;  /* 0 until the first row */
    bool again;      /* the current row is returned once more */
    bool tail_apart; /* the last column holds several, separated by spaces (IoT-23) */
};

int table_rows_open(struct table_rows *rows, const char *path, struct lcap_error *error);

/*
 * Returns 1 with the next row, the first of which may be the header; 0 at the end; or
 * a negative code.
 */
int table_rows_next(struct table_rows *rows, struct lcap_error *error);

/* Makes the current row the next one, too. */
void table_rows_repeat(struct table_rows *rows);
void table_rows_close(struct table_rows *rows);

#endif
