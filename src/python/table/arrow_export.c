/* The Arrow C stream interface over columns in memory. */
#include "python/table/arrow_export.h"

#include <errno.h>
#include <stdlib.h>

static const char *format_of(enum lcap_cell_kind kind)
{
    switch (kind) {
    case LCAP_CELL_UNSIGNED:
        return "L"; /* uint64 */
    case LCAP_CELL_SIGNED:
        return "l"; /* int64 */
    case LCAP_CELL_BOOL:
        return "b";
    case LCAP_CELL_TEXT:
    case LCAP_CELL_JSON:
        return "U"; /* UTF-8 with 64-bit offsets */
    case LCAP_CELL_SERIES:
        return "+L"; /* a list with 64-bit offsets */
    default:
        return "g"; /* float64 */
    }
}

/* ---- schemas; names and formats are constants ---- */

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    free(schema->private_data);
    schema->release = NULL;
}

/* The children and the pointers to them are one block. */
static int init_schema(struct ArrowSchema *schema, const char *format, const char *name,
                       size_t children)
{
    struct ArrowSchema *block = calloc(children + 1, sizeof *block + sizeof(struct ArrowSchema *));
    if (!block)
        return ENOMEM;
    *schema = (struct ArrowSchema){.format = format,
                                   .name = name,
                                   .flags = ARROW_FLAG_NULLABLE,
                                   .n_children = (int64_t)children,
                                   .children = (struct ArrowSchema **)(block + children),
                                   .release = release_schema,
                                   .private_data = block};
    for (size_t i = 0; i < children; i++) {
        block[i].release = NULL;
        schema->children[i] = &block[i];
    }
    return 0;
}

static int describe_column(struct ArrowSchema *schema, const struct table_column *column)
{
    const bool is_series = column->about->kind == LCAP_CELL_SERIES;
    const int rc =
        init_schema(schema, format_of(column->about->kind), column->about->name, is_series);
    return rc == 0 && is_series ? init_schema(schema->children[0], "l", "item", 0) : rc;
}

/* ---- arrays ---- */

struct exported {
    struct table_columns *table;
    const void *buffers[3];
    struct ArrowArray *children; /* the block of the children */
};

static void release_array(struct ArrowArray *array)
{
    struct exported *exported = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    table_columns_free(exported->table);
    free(exported->children);
    free(exported);
    array->release = NULL;
}

static int init_array(struct ArrowArray *array, struct table_columns *table, size_t rows,
                      size_t children)
{
    struct exported *exported = calloc(1, sizeof *exported);
    struct ArrowArray *block = calloc(children + 1, sizeof *block + sizeof(struct ArrowArray *));
    if (!exported || !block) {
        free(exported);
        free(block);
        return ENOMEM;
    }
    table_columns_keep(table);
    exported->table = table;
    exported->children = block;
    *array = (struct ArrowArray){.length = (int64_t)rows,
                                 .n_buffers = 1,
                                 .n_children = (int64_t)children,
                                 .buffers = exported->buffers,
                                 .children = (struct ArrowArray **)(block + children),
                                 .release = release_array,
                                 .private_data = exported};
    for (size_t i = 0; i < children; i++)
        array->children[i] = &block[i];
    return 0;
}

/* Offsets of no rows are one zero. */
static const void *offsets_of(const struct table_column *column)
{
    static const int64_t zero;
    return column->rows > 0 ? column->offsets.bytes : (const void *)&zero;
}

static int export_numbers_of_series(struct ArrowArray *array, const struct table_column *column,
                                    struct table_columns *table)
{
    const int rc = init_array(array, table, column->values.len / sizeof(int64_t), 0);
    if (rc != 0)
        return rc;
    array->n_buffers = 2;
    array->buffers[1] = column->values.bytes;
    return 0;
}

static int export_column(struct ArrowArray *array, const struct table_column *column,
                         struct table_columns *table)
{
    const bool is_series = column->about->kind == LCAP_CELL_SERIES;
    const int rc = init_array(array, table, column->rows, is_series);
    if (rc != 0)
        return rc;
    array->null_count = (int64_t)column->nulls;
    array->buffers[0] = column->nulls > 0 ? column->valid.bytes : NULL;
    array->n_buffers = 2;
    if (is_series) {
        array->buffers[1] = offsets_of(column);
        return export_numbers_of_series(array->children[0], column, table);
    }
    array->buffers[1] = column->values.bytes;
    if (table_column_is_long(column)) {
        array->n_buffers = 3;
        array->buffers[1] = offsets_of(column);
        array->buffers[2] = column->values.bytes;
    }
    return 0;
}

/* ---- the stream ---- */

struct stream {
    struct table_columns *table;
    bool done;
};

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const struct table_columns *table = ((struct stream *)stream->private_data)->table;
    int rc = init_schema(out, "+s", "", table->count);
    if (rc != 0)
        return rc;
    out->flags = 0;
    for (size_t i = 0; i < table->count && rc == 0; i++)
        rc = describe_column(out->children[i], &table->items[i]);
    if (rc != 0)
        out->release(out);
    return rc;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct stream *state = stream->private_data;
    struct table_columns *table = state->table;
    if (state->done) {
        *out = (struct ArrowArray){.release = NULL};
        return 0;
    }
    int rc = init_array(out, table, table->rows, table->count);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < table->count && rc == 0; i++)
        rc = export_column(out->children[i], &table->items[i], table);
    if (rc != 0)
        out->release(out);
    state->done = rc == 0;
    return rc;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "out of memory";
}

static void release_stream(struct ArrowArrayStream *stream)
{
    struct stream *state = stream->private_data;
    table_columns_free(state->table);
    free(state);
    stream->release = NULL;
}

int arrow_export_stream(struct ArrowArrayStream *stream, struct table_columns *table)
{
    struct stream *state = calloc(1, sizeof *state);
    if (!state)
        return PyErr_NoMemory() ? 0 : -1;
    table_columns_keep(table);
    *state = (struct stream){.table = table};
    *stream = (struct ArrowArrayStream){.get_schema = get_schema,
                                        .get_next = get_next,
                                        .get_last_error = get_last_error,
                                        .release = release_stream,
                                        .private_data = state};
    return 0;
}
