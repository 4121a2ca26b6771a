#include "table/xlsx_library.h"

struct xlsx_library lxw;

int xlsx_library_load(struct lcap_error *error)
{
    static const char *const names[] = {XLSX_FUNCTIONS(LIBRARY_NAME)};
    /* As Debian names both: the version of the header, which holds the layout of structs. */
    static struct library library = {
        .what = "libxlsxwriter to write XLSX",
        .remedy =
            "Debian's package is libxlsxwriter" LXW_SOVERSION "; other formats do not need it",
        .sonames = {"libxlsxwriter.so." LXW_SOVERSION},
        .names = names,
        .count = sizeof names / sizeof *names,
        .pointers = &lxw,
    };
    return library_load(&library, error);
}
