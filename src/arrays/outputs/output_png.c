/* A directory with a folder of images for each label. */
#include "arrays/outputs/array_output.h"
#include "arrays/outputs/class_names.h"
#include "arrays/outputs/png_library.h"
#include "base/io/file.h"
#include "base/memory.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct png_output {
    struct array_output base;
    const struct output_options *placing;
    struct class_names classes;
    char *path;
    uint64_t images; /* written */
};

/* What stands in front of an encoded image, behind which the text of its label comes. */
struct image {
    uint64_t sample_id, flow;
    uint32_t label, label_len;
    size_t len;
};

static void discard(struct array_output *output)
{
    struct png_output *png = (struct png_output *)output;
    if (!png)
        return;
    class_names_release(&png->classes);
    free(png->path);
    free(png);
}

static int open_png(struct array_output **output, const struct array_target *target,
                    struct lcap_error *error)
{
    int rc = png_library_load(error);
    if (rc < 0)
        return rc;
    struct png_output *png = memory_new(1, sizeof *png, error);
    if (!png)
        return LCAP_ERR_MEMORY;
    png->base = (struct array_output){target->class, target->settings, target->items, 0};
    png->placing = target->placing;
    png->path = memory_copy_text(target->path, strlen(target->path), error);
    rc = png->path ? class_names_init(&png->classes, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        *output = &png->base;
    else
        discard(&png->base);
    return rc;
}

/* ---- encoding ---- */

/* The colours in which NetDiffusion draws nPrint: -1 blue, 0 green, 1 red. */
static void colour(const int8_t *bits, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++, out += 4) {
        const uint8_t rgba[4] = {bits[i] > 0 ? 255 : 0, bits[i] == 0 ? 255 : 0,
                                 bits[i] < 0 ? 255 : 0, 255};
        memcpy(out, rgba, sizeof rgba);
    }
}

static bool is_coloured(const struct array_settings *settings)
{
    return settings->shape.type[1] == 'i';
}

static png_image image_of(const struct array_settings *settings)
{
    const struct array_shape *shape = &settings->shape;
    return (png_image){
        .version = PNG_IMAGE_VERSION,
        .width = (uint32_t)shape->extents[shape->dimensions - 1],
        .height = shape->dimensions == 2 ? (uint32_t)shape->extents[0] : 1,
        .format = is_coloured(settings) ? PNG_FORMAT_RGBA : PNG_FORMAT_GRAY,
    };
}

/* X of the row as pixels, which the caller frees. */
static uint8_t *draw(const struct array_settings *settings, const struct array_row *row,
                     struct lcap_error *error)
{
    const size_t count = array_shape_bytes(&settings->shape);
    uint8_t *x = memory_new(count, 1, error);
    if (!x)
        return NULL;
    settings->form->fill(settings, row, x);
    if (!is_coloured(settings))
        return x;
    uint8_t *pixels = memory_new(count, 4, error);
    if (pixels)
        colour((const int8_t *)x, count, pixels);
    free(x);
    return pixels;
}

static int append_image(struct buffer *out, png_image *image, const uint8_t *pixels, size_t *len,
                        struct lcap_error *error)
{
    *len = PNG_IMAGE_PNG_SIZE_MAX(*image);
    const int rc = buffer_reserve(out, *len, error);
    if (rc < 0)
        return rc;
    if (!libpng.png_image_write_to_memory(image, out->data + out->len, len, 0, pixels, 0, NULL))
        return lcap_error_set(error, LCAP_ERR_IO, "cannot make an image: %s", image->message);
    out->len += *len;
    return LCAP_OK;
}

static int encode_row(const struct array_output *output, const struct array_row *row,
                      const uint8_t *pixels, struct buffer *out, struct lcap_error *error)
{
    png_image image = image_of(output->settings);
    struct image head = {row->sample_id, row->flow, row->label, row->label_len, 0};
    const size_t start = out->len;
    int rc = buffer_append(out, &head, sizeof head, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, row->label_text, row->label_len, error);
    if (rc == LCAP_OK)
        rc = append_image(out, &image, pixels, &head.len, error);
    if (rc == LCAP_OK)
        memcpy(out->data + start, &head, sizeof head);
    libpng.png_image_free(&image);
    return rc;
}

static int encode(const struct array_output *output, const struct array_row *row,
                  struct array_encoded *encoded, struct lcap_error *error)
{
    uint8_t *pixels = draw(output->settings, row, error);
    const int rc =
        pixels ? encode_row(output, row, pixels, &encoded->buffers[0], error) : LCAP_ERR_MEMORY;
    free(pixels);
    return rc;
}

/* ---- writing ---- */

/* SAMPLE.png, SAMPLE-FLOW.png, or for packets SAMPLE-FLOW-NUMBER.png. */
static int append_path(struct buffer *path, const struct png_output *png, const char *class,
                       const struct image *image, struct lcap_error *error)
{
    const enum array_per per = png->base.settings->per;
    int rc = buffer_printf(path, error, "%s/%s/%" PRIu64, png->path, class, image->sample_id);
    if (rc == LCAP_OK && per != ARRAY_PER_SAMPLE)
        rc = buffer_printf(path, error, "-%" PRIu64, image->flow);
    if (rc == LCAP_OK && per == ARRAY_PER_PACKET)
        rc = buffer_printf(path, error, "-%" PRIu64, png->images);
    return rc == LCAP_OK ? buffer_append(path, ".png", sizeof ".png", error) : rc;
}

static int write_file(const char *path, const uint8_t *bytes, size_t len,
                      const struct output_options *placing, struct lcap_error *error)
{
    struct output *file;
    const int rc = output_open(&file, path, placing, error);
    if (rc < 0)
        return rc;
    output_write(file, bytes, len);
    return output_close(file, error);
}

static int make_folder(const struct png_output *png, const char *class, struct lcap_error *error)
{
    char *path = file_join(png->path, class, error);
    int rc = path ? LCAP_OK : LCAP_ERR_MEMORY;
    if (path && mkdir(path, 0777) != 0)
        rc = lcap_error_set_errno(error, errno, "%s: cannot make", path);
    free(path);
    return rc;
}

static int write_image(struct png_output *png, const struct image *image, const uint8_t *label,
                       struct lcap_error *error)
{
    struct buffer path = {0};
    const char *class;
    int rc = class_names_find(&png->classes, image->label, (const char *)label, image->label_len,
                              &class, error);
    if (rc == 1)
        rc = make_folder(png, class, error);
    if (rc == LCAP_OK)
        rc = append_path(&path, png, class, image, error);
    if (rc == LCAP_OK)
        rc = write_file((const char *)path.data, label + image->label_len, image->len, png->placing,
                        error);
    png->images++;
    buffer_release(&path);
    return rc;
}

static int write_png(struct array_output *output, const struct array_encoded *encoded,
                     struct lcap_error *error)
{
    const struct buffer *images = &encoded->buffers[0];
    int rc = LCAP_OK;
    for (size_t at = 0; at < images->len && rc == LCAP_OK;) {
        struct image image;
        memcpy(&image, images->data + at, sizeof image);
        rc = write_image((struct png_output *)output, &image, images->data + at + sizeof image,
                         error);
        at += sizeof image + image.label_len + image.len;
    }
    return rc;
}

static int close_png(struct array_output *output, const struct array_labels *labels,
                     struct lcap_error *error)
{
    (void)labels, (void)error;
    discard(output);
    return LCAP_OK;
}

const struct array_output_class output_png = {
    .name = "png",
    .open = open_png,
    .encode = encode,
    .write = write_png,
    .close = close_png,
    .discard = discard,
};
