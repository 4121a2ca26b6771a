/* A directory with a file of NumPy for each array, which can be mapped into memory. */
#include "arrays/outputs/array_output.h"
#include "arrays/outputs/npy_header.h"
#include "arrays/outputs/npy_texts.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of y, a multiple of the size of a number. */
enum { PIECE = 64 << 10 };

struct npy_output {
    struct array_output base;
    const struct output_options *placing;
    char *path;
    struct output *files[ARRAY_MOST_ITEMS];
};

static int open_file(const struct npy_output *npy, const char *name, struct output **file,
                     struct lcap_error *error)
{
    char *path = memory_format_text(error, "%s/%s.npy", npy->path, name);
    const int rc = path ? output_open(file, path, npy->placing, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc;
}

/* Its number of rows is not known yet. */
static void write_header(struct output *file, const struct array_shape *shape, uint64_t rows)
{
    char header[NPY_HEADER];
    npy_header(shape, rows, header);
    output_write(file, header, sizeof header);
}

static int open_items(struct npy_output *npy, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < npy->base.items->count && rc == LCAP_OK; i++) {
        const struct array_item *item = &npy->base.items->items[i];
        rc = open_file(npy, item->name, &npy->files[i], error);
        if (rc == LCAP_OK)
            write_header(npy->files[i], &item->shape, 0);
    }
    return rc;
}

static void discard(struct array_output *output)
{
    struct npy_output *npy = (struct npy_output *)output;
    if (!npy)
        return;
    for (size_t i = 0; i < ARRAY_MOST_ITEMS; i++)
        output_discard(npy->files[i]);
    free(npy->path);
    free(npy);
}

static int open_npy(struct array_output **output, const struct array_target *target,
                    struct lcap_error *error)
{
    struct npy_output *npy = memory_new(1, sizeof *npy, error);
    if (!npy)
        return LCAP_ERR_MEMORY;
    npy->base = (struct array_output){target->class, target->settings, target->items, 0};
    npy->placing = target->placing;
    npy->path = memory_copy_text(target->path, strlen(target->path), error);
    const int rc = npy->path ? open_items(npy, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        *output = &npy->base;
    else
        discard(&npy->base);
    return rc;
}

static int write_npy(struct array_output *output, const struct array_encoded *encoded,
                     struct lcap_error *error)
{
    const struct npy_output *npy = (struct npy_output *)output;
    int rc = LCAP_OK;
    for (size_t i = 0; i < output->items->count && rc == LCAP_OK; i++) {
        output_write(npy->files[i], encoded->buffers[i].data, encoded->buffers[i].len);
        rc = output_error(npy->files[i], error);
    }
    return rc;
}

/* ---- the end ---- */

/* The numbers of the labels are known now: y has those in the order in which labels came. */
static int number_labels(struct output *y, uint64_t rows, const struct array_labels *labels,
                         struct lcap_error *error)
{
    uint8_t piece[PIECE];
    const uint64_t end = NPY_HEADER + rows * sizeof(uint64_t);
    int rc = output_flush(y, error);
    for (uint64_t at = NPY_HEADER; at < end && rc == LCAP_OK; at += PIECE) {
        const size_t len = end - at < PIECE ? (size_t)(end - at) : PIECE;
        rc = output_read_draft(y, at, piece, len, error);
        if (rc < 0)
            return rc;
        if (!array_labels_number(labels, piece, len / sizeof(uint64_t)))
            return lcap_error_set(error, LCAP_ERR_IO, "%s: was changed while it was written",
                                  output_name(y));
        output_patch(y, at, piece, len);
        rc = output_error(y, error);
    }
    return rc;
}

static int close_items(struct npy_output *npy, const struct array_labels *labels,
                       struct lcap_error *error)
{
    const uint64_t rows = npy->base.rows;
    int rc = number_labels(npy->files[ARRAY_Y], rows, labels, error);
    for (size_t i = 0; i < npy->base.items->count && rc == LCAP_OK; i++) {
        char header[NPY_HEADER];
        npy_header(&npy->base.items->items[i].shape, rows, header);
        output_patch(npy->files[i], 0, header, sizeof header);
        rc = output_close(npy->files[i], error);
        npy->files[i] = NULL;
    }
    return rc;
}

static int write_texts(void *output, const char *name, const struct npy_texts *texts,
                       struct lcap_error *error)
{
    struct output *file = NULL;
    const int rc = open_file(output, name, &file, error);
    if (rc < 0)
        return rc;
    write_header(file, &texts->shape, texts->count);
    output_write(file, texts->bytes.data, texts->bytes.len);
    return output_close(file, error);
}

static int close_npy(struct array_output *output, const struct array_labels *labels,
                     struct lcap_error *error)
{
    struct npy_output *npy = (struct npy_output *)output;
    int rc = close_items(npy, labels, error);
    if (rc == LCAP_OK)
        rc = npy_texts_make(labels, output->settings, write_texts, npy, error);
    discard(output);
    return rc;
}

const struct array_output_class output_npy = {
    .name = "npy",
    .open = open_npy,
    .encode = array_output_encode_items,
    .check = array_output_check_items,
    .write = write_npy,
    .close = close_npy,
    .discard = discard,
};
