/* libpng, loaded where images are written. */
#ifndef ARRAYS_OUTPUTS_PNG_LIBRARY_H
#define ARRAYS_OUTPUTS_PNG_LIBRARY_H

#include "base/library.h"
#include <png.h>

#define PNG_FUNCTIONS(EACH)                                                                        \
    EACH(png_image_free)                                                                           \
    EACH(png_image_write_to_memory)

/* Its functions by their names, after png_library_load(). */
extern struct png_library {
    PNG_FUNCTIONS(LIBRARY_POINTER)
} libpng;

int png_library_load(struct lcap_error *error);

#endif
