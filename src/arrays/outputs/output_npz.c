/* An archive of NumPy's files: X as it comes, the others when all rows are known. */
#include "arrays/outputs/array_output.h"
#include "arrays/outputs/array_store.h"
#include "arrays/outputs/npy_header.h"
#include "arrays/outputs/npy_texts.h"
#include "base/codec/zip_writer.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>

enum { FILE_NAME = 32 };

struct npz_output {
    struct array_output base;
    struct zip_writer *zip;
    struct array_store store;
    char names[ZIP_MOST_FILES][FILE_NAME];
    size_t name_count;
};

static void discard(struct array_output *output)
{
    struct npz_output *npz = (struct npz_output *)output;
    if (!npz)
        return;
    zip_writer_discard(npz->zip);
    array_store_release(&npz->store);
    free(npz);
}

static int begin_file(struct npz_output *npz, const char *name, struct lcap_error *error)
{
    char *file = npz->names[npz->name_count++];
    snprintf(file, FILE_NAME, "%s.npy", name);
    return zip_writer_begin(npz->zip, file, NPY_HEADER, error);
}

static int open_npz(struct array_output **output, const struct array_target *target,
                    struct lcap_error *error)
{
    struct npz_output *npz = memory_new(1, sizeof *npz, error);
    if (!npz)
        return LCAP_ERR_MEMORY;
    npz->base = (struct array_output){target->class, target->settings, target->items, 0};
    int rc = array_store_init(&npz->store, target->directory, error);
    if (rc == LCAP_OK)
        rc = zip_writer_open(&npz->zip, target->path, target->placing, error);
    if (rc == LCAP_OK)
        rc = begin_file(npz, target->items->items[ARRAY_X].name, error);
    if (rc == LCAP_OK)
        *output = &npz->base;
    else
        discard(&npz->base);
    return rc;
}

static int write_npz(struct array_output *output, const struct array_encoded *encoded,
                     struct lcap_error *error)
{
    struct npz_output *npz = (struct npz_output *)output;
    const struct buffer *x = &encoded->buffers[ARRAY_X];
    int rc = zip_writer_add(npz->zip, x->data, x->len, error);
    for (size_t i = ARRAY_X + 1; i < output->items->count && rc == LCAP_OK; i++)
        rc = array_store_add(&npz->store, i, &encoded->buffers[i], error);
    return rc;
}

/* ---- the end ---- */

static int end_file(struct npz_output *npz, const struct array_shape *shape, uint64_t rows,
                    struct lcap_error *error)
{
    char header[NPY_HEADER];
    npy_header(shape, rows, header);
    return zip_writer_end(npz->zip, header, error);
}

static int put(void *zip, const uint8_t *bytes, size_t len, struct lcap_error *error)
{
    return zip_writer_add(zip, bytes, len, error);
}

static int write_item(struct npz_output *npz, size_t item, const struct array_labels *labels,
                      struct lcap_error *error)
{
    int rc = begin_file(npz, npz->base.items->items[item].name, error);
    if (rc == LCAP_OK)
        rc = array_store_read(&npz->store, item, labels, put, npz->zip, error);
    return rc == LCAP_OK ? end_file(npz, &npz->base.items->items[item].shape, npz->base.rows, error)
                         : rc;
}

static int write_texts(void *output, const char *name, const struct npy_texts *texts,
                       struct lcap_error *error)
{
    struct npz_output *npz = output;
    int rc = begin_file(npz, name, error);
    if (rc == LCAP_OK)
        rc = zip_writer_add(npz->zip, texts->bytes.data, texts->bytes.len, error);
    return rc == LCAP_OK ? end_file(npz, &texts->shape, texts->count, error) : rc;
}

static int close_npz(struct array_output *output, const struct array_labels *labels,
                     struct lcap_error *error)
{
    struct npz_output *npz = (struct npz_output *)output;
    int rc = end_file(npz, &output->settings->shape, output->rows, error);
    for (size_t i = ARRAY_X + 1; i < output->items->count && rc == LCAP_OK; i++)
        rc = write_item(npz, i, labels, error);
    if (rc == LCAP_OK)
        rc = npy_texts_make(labels, output->settings, write_texts, npz, error);
    if (rc == LCAP_OK) {
        rc = zip_writer_close(npz->zip, error);
        npz->zip = NULL;
    }
    discard(output);
    return rc;
}

const struct array_output_class output_npz = {
    .name = "npz",
    .suffix = ".npz",
    .open = open_npz,
    .encode = array_output_encode_items,
    .check = array_output_check_items,
    .write = write_npz,
    .close = close_npz,
    .discard = discard,
};
