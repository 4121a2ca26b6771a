/*
 * With libxlsxwriter comes libcrypto, and loading both took a third of the time that
 * every command needs to start. So they are loaded only where XLSX is written.
 */
#include "table/xlsx_library.h"

#include <dlfcn.h>

/* As Debian names both: the version of the header, which holds the layout of structs. */
#define SONAME  "libxlsxwriter.so." LXW_SOVERSION
#define PACKAGE "libxlsxwriter" LXW_SOVERSION

static int cannot_load(struct lcap_error *error)
{
    const char *reason = dlerror();
    return lcap_error_set(
        error, LCAP_ERR_IO,
        "cannot load libxlsxwriter to write XLSX: %s (Debian's package is " PACKAGE
        "; other formats do not need it)",
        reason ? reason : SONAME);
}

int xlsx_library_load(struct xlsx_library *library, struct lcap_error *error)
{
    void *loaded = dlopen(SONAME, RTLD_NOW); /* never closed */
#define XLSX_FIND(name) &&(library->name = dlsym(loaded, #name)) != NULL
    return loaded XLSX_FUNCTIONS(XLSX_FIND) ? LCAP_OK : cannot_load(error);
#undef XLSX_FIND
}
