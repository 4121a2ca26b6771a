/* In place of images if labelcap is built without libpng, by WITHOUT=png. */
#include "arrays/outputs/array_output.h"

const struct array_output_class output_png = {.name = "png", .lacks = "libpng"};
