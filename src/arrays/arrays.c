/* Arrays for programs: counted first, then filled. */
#include <labelcap/arrays.h>

#include "arrays/array_reading.h"
#include "arrays/array_settings.h"
#include "arrays/outputs/output_memory.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/sized.h"
#include <stdlib.h>
#include <string.h>

struct lcap_arrays {
    char *dataset, *catalogue;
    struct input_options input;
    struct array_settings settings;
    struct array_items items;
    struct lcap_array described[ARRAY_MOST_ITEMS];
    struct split_lists lists;
    size_t list;
    struct array_labels labels;
    uint64_t rows;
    struct ordered_copy copy;       /* made by the first reading */
    char column[ARRAY_COLUMN_NAME]; /* asked for last */
};

/* Rows go to the sink, or are only counted if it is NULL. */
static int read_all(struct lcap_arrays *arrays, struct array_sink *sink, uint64_t *rows,
                    struct lcap_error *error)
{
    struct array_collector collector;
    struct array_reading reading = {
        .dataset = arrays->dataset,
        .catalogue = arrays->catalogue,
        .input = &arrays->input,
        .lists = arrays->list == SPLIT_NO_LIST ? NULL : &arrays->lists,
        .list = arrays->list,
        .collector = &collector,
        .labels = &arrays->labels,
        .copy = arrays->copy,
    };
    int rc = array_collector_init(&collector, &arrays->settings, sink, ARRAY_MEMORY,
                                  tempfile_default_directory(), error);
    if (rc == LCAP_OK)
        rc = array_reading_run(&reading, error);
    arrays->copy = reading.copy;
    if (rc == LCAP_OK && reading.inputs.damaged > 0)
        rc = lcap_error_set(error, LCAP_ERR_DAMAGED, "%s: is damaged", arrays->dataset);
    if (rc == LCAP_OK)
        rc = array_reading_check_rows(&reading, error);
    *rows = collector.counts.rows;
    array_collector_release(&collector);
    return rc;
}

static void describe(struct lcap_arrays *arrays)
{
    for (size_t i = 0; i < arrays->items.count; i++) {
        const struct array_item *item = &arrays->items.items[i];
        struct lcap_array *array = &arrays->described[i];
        array->name = item->name;
        array->type = item->shape.type;
        array->dimensions = item->shape.dimensions + 1;
        array->shape[0] = arrays->rows;
        for (unsigned k = 0; k < item->shape.dimensions; k++)
            array->shape[k + 1] = item->shape.extents[k];
        array->bytes = arrays->rows * item->bytes;
    }
}

static int count_rows(struct lcap_arrays *arrays, struct lcap_error *error)
{
    int rc = read_all(arrays, NULL, &arrays->rows, error);
    if (rc == LCAP_OK)
        rc = array_labels_sort(&arrays->labels, error);
    if (rc == LCAP_OK)
        describe(arrays);
    return rc;
}

static int open_all(struct lcap_arrays *arrays, const char *dataset,
                    const struct lcap_array_options *options, struct lcap_error *error)
{
    arrays->dataset = memory_copy_text(dataset, strlen(dataset), error);
    if (options->catalogue)
        arrays->catalogue = memory_copy_text(options->catalogue, strlen(options->catalogue), error);
    arrays->input = (struct input_options){.pcapml_times = options->pcapml_times,
                                           .threads = options->threads,
                                           .watcher = options->watcher};
    int rc = arrays->dataset && (arrays->catalogue || !options->catalogue)
                 ? array_settings_make(&arrays->settings, options, error)
                 : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && !arrays->settings.form->fill)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "--form %s makes a table, not arrays: write it to a file, such as "
                            "rows.parquet",
                            arrays->settings.form->name);
    if (rc == LCAP_OK && options->splits && !options->list)
        rc = array_lists_need_each_other(error);
    if (rc == LCAP_OK)
        rc = array_lists_read(&arrays->lists, &arrays->list, options, error);
    if (rc == LCAP_OK)
        rc = array_labels_init(&arrays->labels, error);
    if (rc < 0)
        return rc;
    array_items_of(&arrays->settings, &arrays->items);
    return count_rows(arrays, error);
}

int lcap_arrays_open(struct lcap_arrays **arrays, const char *dataset,
                     const struct lcap_array_options *options, struct lcap_error *error)
{
    struct lcap_array_options taken;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_array_options", error);
    if (rc < 0)
        return rc;
    struct lcap_arrays *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    rc = open_all(made, dataset, &taken, error);
    if (rc < 0)
        lcap_arrays_free(made);
    else
        *arrays = made;
    return rc;
}

size_t lcap_arrays_count(const struct lcap_arrays *arrays)
{
    return arrays->items.count;
}

const struct lcap_array *lcap_arrays_get(const struct lcap_arrays *arrays, size_t index)
{
    return &arrays->described[index];
}

size_t lcap_arrays_labels(const struct lcap_arrays *arrays)
{
    return arrays->labels.count;
}

const char *lcap_arrays_label(const struct lcap_arrays *arrays, size_t y, size_t *len)
{
    return y < arrays->labels.count ? array_labels_get(&arrays->labels, (uint32_t)y, len) : NULL;
}

const char *lcap_arrays_column(struct lcap_arrays *arrays, size_t index)
{
    const struct array_shape *x = &arrays->settings.shape;
    if (!arrays->settings.form->name_column || index >= x->extents[x->dimensions - 1])
        return NULL;
    arrays->settings.form->name_column(&arrays->settings, index, arrays->column);
    return arrays->column;
}

int lcap_arrays_fill(struct lcap_arrays *arrays, void *const *memory, struct lcap_error *error)
{
    struct memory_output output;
    struct array_output *outputs[] = {&output.base};
    struct array_sink sink;
    uint64_t rows = 0;
    memory_output_init(&output, &arrays->settings, &arrays->items, &arrays->labels, arrays->rows,
                       memory);
    int rc = array_sink_init(&sink, &arrays->settings, outputs, 1, arrays->input.threads, error);
    if (rc == LCAP_OK)
        rc = read_all(arrays, &sink, &rows, error);
    if (rc == LCAP_OK)
        rc = array_sink_finish(&sink, error);
    if (rc == LCAP_OK && rows != arrays->rows)
        rc = lcap_error_set(error, LCAP_ERR_IO, "%s: has changed since it was opened",
                            arrays->dataset);
    array_sink_release(&sink);
    return rc;
}

void lcap_arrays_free(struct lcap_arrays *arrays)
{
    if (!arrays)
        return;
    ordered_copy_release(&arrays->copy);
    array_labels_release(&arrays->labels);
    split_lists_release(&arrays->lists);
    free(arrays->dataset);
    free(arrays->catalogue);
    free(arrays);
}
