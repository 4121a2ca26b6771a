/* TSV, CSV, Parquet and Arrow. */
#include "arrays/outputs/array_output.h"
#include "arrays/outputs/array_table.h"
#include "base/memory.h"
#include <stdlib.h>

struct table_output {
    struct array_output base;
    struct array_table rows;
    struct table *table;
};

static void discard(struct array_output *output)
{
    struct table_output *t = (struct table_output *)output;
    if (!t)
        return;
    table_discard(t->table);
    array_table_release(&t->rows);
    free(t);
}

static int open_table(struct array_output **output, const struct array_target *target,
                      struct lcap_error *error)
{
    const struct table_options options = {.overwrite = target->placing->overwrite,
                                          .no_sync = target->placing->no_sync,
                                          .name = "arrays",
                                          .profile = target->settings->form->name,
                                          .threads = target->threads,
                                          .tmpdir = target->directory};
    struct table_output *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    t->base = (struct array_output){target->class, target->settings, target->items, 0};
    int rc =
        array_table_init(&t->rows, target->settings, target->items, target->class->table, error);
    if (rc == LCAP_OK)
        rc = table_open(&t->table, target->path, &t->rows.schema, &options, error);
    if (rc == LCAP_OK)
        *output = &t->base;
    else
        discard(&t->base);
    return rc;
}

static int encode(const struct array_output *output, const struct array_row *row,
                  struct array_encoded *encoded, struct lcap_error *error)
{
    return array_table_encode(&((const struct table_output *)output)->rows, row, encoded, error);
}

static int write_rows(struct array_output *output, const struct array_encoded *encoded,
                      struct lcap_error *error)
{
    const struct buffer *rows = &encoded->buffers[0];
    return table_append(((struct table_output *)output)->table, rows->data, rows->len, error);
}

static bool check_rows(const struct array_output *output, const struct array_encoded *encoded)
{
    const struct table_schema *schema = &((const struct table_output *)output)->rows.schema;
    const struct buffer *rows = &encoded->buffers[0];
    return !schema->format->check || schema->format->check(schema, rows->data, rows->len);
}

static int close_table(struct array_output *output, const struct array_labels *labels,
                       struct lcap_error *error)
{
    struct table_output *t = (struct table_output *)output;
    (void)labels;
    const int rc = table_close(t->table, error);
    t->table = NULL;
    discard(output);
    return rc;
}

#define TABLE_OUTPUT(NAME)                                                                         \
    const struct array_output_class output_##NAME = {                                              \
        .name = #NAME,                                                                             \
        .suffix = "." #NAME,                                                                       \
        .table = &table_##NAME,                                                                    \
        .open = open_table,                                                                        \
        .encode = encode,                                                                          \
        .write = write_rows,                                                                       \
        .check = check_rows,                                                                       \
        .close = close_table,                                                                      \
        .discard = discard,                                                                        \
    };

TABLE_OUTPUT(tsv)
TABLE_OUTPUT(csv)
TABLE_OUTPUT(parquet)
TABLE_OUTPUT(arrow)
