/*
 * XLSX: numbers to 16 digits, as libxlsxwriter writes them; integers above 2^53 and
 * sampleIDs as text; undefined: an empty cell.
 */
#include "table/table_cells.h"
#include "table/xlsx_book.h"

const struct table_class table_xlsx = {
    .name = "xlsx",
    .suffixes = {".xlsx"},
    .by_suffix = true,
    .splits = true,
    .encode = cells_encode_xlsx,
    .open = xlsx_book_open,
    .append = xlsx_book_append,
    .close = xlsx_book_close,
    .discard = xlsx_book_discard,
};
