/* How other programs write tables, to reproduce theirs byte for byte. All zero: our own format. */
#ifndef TABLE_DIALECT_H
#define TABLE_DIALECT_H

#include <stdbool.h>

struct table_dialect {
    const char *number_format; /* of LCAP_CELL_REAL by default; or NULL */
    bool crlf;                 /* CSV: line ends of Python's csv module */
    bool capital_booleans;     /* CSV: True and False */
    bool infinity;             /* CSV, XLSX: infinite numbers as inf; otherwise undefined */
    bool header_with_rows;     /* CSV: a table without rows is an empty file */
    bool pandas_frame; /* rows wait for all other rows of their table: tabulate/pandas_rows.h */
    bool pandas_json;  /* JSON: as pandas 1.5 to_json(orient="records", indent=2) */
};

#endif
