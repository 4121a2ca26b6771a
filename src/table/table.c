/* Writing rows: the format of a file, and the dispatch to its functions. */
#include "table/table.h"

#include "base/io/compression.h"
#include "base/text/text.h"
#include "table/table_internal.h"
#include <string.h>

#define NAME_OF(NAME, CLASS)  NAME,
#define CLASS_OF(NAME, CLASS) &(CLASS),

const char *const table_format_names[] = {TABLE_FORMATS(NAME_OF) NULL};
const struct table_class *const table_formats[] = {TABLE_FORMATS(CLASS_OF) NULL};

static const struct table_class *format_of_name(const char *name, size_t len)
{
    for (size_t i = 0; table_formats[i]; i++)
        for (size_t n = 0; table_formats[i]->by_suffix && table_formats[i]->suffixes[n]; n++)
            if (text_ends_in(name, len, table_formats[i]->suffixes[n]))
                return table_formats[i];
    return NULL;
}

/* The format of the name of a compressed file, without the suffix of its compression. */
static const struct table_class *format_of_packed(const char *path)
{
    return compression_of_name(path) == COMPRESSION_NONE
               ? NULL
               : format_of_name(path, compression_stem(path));
}

const struct table_class *table_format_of_name(const char *path)
{
    const struct table_class *packed = format_of_packed(path);
    return packed && packed->text ? packed : format_of_name(path, strlen(path));
}

bool table_name_is_packed_binary(const char *path)
{
    const struct table_class *packed = format_of_packed(path);
    return packed && !packed->text;
}

int table_list_suffixes(struct buffer *list, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; table_formats[i]; i++)
        for (size_t n = 0; table_formats[i]->by_suffix && table_formats[i]->suffixes[n]; n++)
            if (rc == LCAP_OK)
                rc = buffer_printf(list, error, "%s%s", list->len ? ", " : "",
                                   table_formats[i]->suffixes[n]);
    return rc;
}

int table_encode(struct table_encoder *encoder, const struct lcap_row *row,
                 struct lcap_error *error)
{
    int rc = encoder->schema->format->encode(encoder, row, error);
    return rc == LCAP_OK ? table_flush_full(encoder, error) : rc;
}

static bool has_json(const struct table_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++)
        if (schema->columns[i]->kind == LCAP_CELL_JSON)
            return true;
    return false;
}

/* Checks that the format supports the options. */
static int check(const char *path, const struct table_schema *schema,
                 const struct table_options *options, struct lcap_error *error)
{
    const struct table_class *format = schema->format;
    if (schema->count == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: the table has no columns", path);
    if (!format->open)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: this build of labelcap cannot write %s: it is without %s", path,
                              format->name, format->lacks);
    if (options->append && !format->appends)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: cannot append rows to a table in %s",
                              path, format->name);
    if (!format->json && has_json(schema))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s cannot hold a column of nested JSON: use json or jsonl",
                              format->name);
    return LCAP_OK;
}

int table_open(struct table **table, const char *path, const struct table_schema *schema,
               const struct table_options *options, struct lcap_error *error)
{
    static const struct table_options defaults;
    struct table *made = NULL;
    *table = NULL;
    if (!options)
        options = &defaults;
    int rc = check(path, schema, options, error);
    if (rc == LCAP_OK)
        rc = schema->format->open(&made, path, schema, options, error);
    if (rc != LCAP_OK)
        return rc;
    made->class = schema->format;
    *table = made;
    return LCAP_OK;
}

int table_append(struct table *table, const void *encoded, size_t len, struct lcap_error *error)
{
    return len > 0 ? table->class->append(table, encoded, len, error) : LCAP_OK;
}

int table_close(struct table *table, struct lcap_error *error)
{
    return table->class->close(table, error);
}

void table_discard(struct table *table)
{
    if (table)
        table->class->discard(table);
}
