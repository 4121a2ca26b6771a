/* libxlsxwriter, loaded by the first table that needs it. */
#ifndef TABLE_XLSX_LIBRARY_H
#define TABLE_XLSX_LIBRARY_H

#include "base/library.h"
#include <xlsxwriter.h>

#define XLSX_FUNCTIONS(EACH)                                                                       \
    EACH(lxw_strerror)                                                                             \
    EACH(lxw_workbook_free)                                                                        \
    EACH(lxw_worksheet_write_single_row)                                                           \
    EACH(workbook_add_worksheet)                                                                   \
    EACH(workbook_close)                                                                           \
    EACH(workbook_new_opt)                                                                         \
    EACH(workbook_set_properties)                                                                  \
    EACH(workbook_validate_sheet_name)                                                             \
    EACH(worksheet_write_boolean)                                                                  \
    EACH(worksheet_write_number)                                                                   \
    EACH(worksheet_write_string)

/* Its functions by their names, after xlsx_library_load(). */
extern struct xlsx_library {
    XLSX_FUNCTIONS(LIBRARY_POINTER)
} lxw;

int xlsx_library_load(struct lcap_error *error);

#endif
