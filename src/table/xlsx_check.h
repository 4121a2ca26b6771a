/* Reads a workbook back: whether all of it could be written. */
#ifndef TABLE_XLSX_CHECK_H
#define TABLE_XLSX_CHECK_H

#include <labelcap/error.h>
#include <stdint.h>

/* The rows of a sheet, as libxlsxwriter keeps them until it packs the workbook. */
struct xlsx_rows {
    uint64_t size;
    uint32_t crc;
};

/* `fd` is the temporary file, which holds nothing else. Returns 0, or -1 with errno. */
int xlsx_rows_read(int fd, struct xlsx_rows *rows);

/*
 * Whether the workbook holds one sheet with exactly these rows, and all its parts are
 * whole. libxlsxwriter does not check its writes to the temporary files from which it
 * packs a workbook, so that a part may lack any of the blocks that stdio writes.
 */
int xlsx_check(int fd, const char *name, const struct xlsx_rows *rows, struct lcap_error *error);

#endif
