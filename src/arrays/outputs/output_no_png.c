/* Stands for images where libpng is not there: with WITHOUT=png. */
#include "arrays/outputs/array_output.h"

const struct array_output_class output_png = {.name = "png", .lacks = "libpng"};
