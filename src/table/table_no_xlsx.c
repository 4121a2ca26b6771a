/* XLSX in the library, which does without libxlsxwriter: recognised, but not written. */
#include "table/table.h"

const struct table_class table_xlsx = {
    .name = "xlsx",
    .suffixes = {".xlsx"},
    .by_suffix = true,
    .lacks = "libxlsxwriter",
};
