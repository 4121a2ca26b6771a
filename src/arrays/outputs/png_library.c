#include "arrays/outputs/png_library.h"

struct png_library libpng;

int png_library_load(struct lcap_error *error)
{
    static const char *const names[] = {PNG_FUNCTIONS(LIBRARY_NAME)};
    static struct library library = {
        .what = "libpng to write images",
        .remedy = "Debian's package is libpng16-16; other outputs do not need it",
        .sonames = {"libpng16.so.16"},
        .names = names,
        .count = sizeof names / sizeof *names,
        .pointers = &libpng,
    };
    return library_load(&library, error);
}
