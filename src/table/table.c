/* Writing rows: the format of a file, and the dispatch to its functions. */
#include "table/table.h"

#include "table/table_internal.h"
#include <string.h>

const char *const table_format_names[TABLE_FORMATS + 1] = {
    [TABLE_CSV] = "csv",    [TABLE_JSON] = "json",     [TABLE_JSONL] = "jsonl",
    [TABLE_XLSX] = "xlsx",  [TABLE_SQLITE] = "sqlite", [TABLE_TEXT] = "text",
    [TABLE_FORMATS] = NULL,
};

static const struct table_class *const classes[TABLE_FORMATS] = {
    [TABLE_CSV] = &table_csv,   [TABLE_JSON] = &table_json,     [TABLE_JSONL] = &table_json,
    [TABLE_XLSX] = &table_xlsx, [TABLE_SQLITE] = &table_sqlite, [TABLE_TEXT] = &table_aligned,
};

static bool ends_in(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

enum table_format table_format_of_name(const char *path)
{
    static const struct {
        const char *suffix;
        enum table_format format;
    } text[] = {{".csv", TABLE_CSV},
                {".json", TABLE_JSON},
                {".jsonl", TABLE_JSONL},
                {".ndjson", TABLE_JSONL}},
      binary[] = {{".xlsx", TABLE_XLSX}, {".sqlite", TABLE_SQLITE}, {".db", TABLE_SQLITE}};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof binary / sizeof binary[0]; i++)
        if (ends_in(path, len, binary[i].suffix))
            return binary[i].format;
    if (ends_in(path, len, ".gz"))
        len -= strlen(".gz");
    else if (ends_in(path, len, ".zst"))
        len -= strlen(".zst");
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        if (ends_in(path, len, text[i].suffix))
            return text[i].format;
    return TABLE_FORMATS;
}

int table_encode(struct table_encoder *encoder, const struct lcap_row *row,
                 struct lcap_error *error)
{
    int rc = classes[encoder->schema->format]->encode(encoder, row, error);
    return rc == LCAP_OK ? table_flush_full(encoder, error) : rc;
}

int table_open(struct table **table, const char *path, const struct table_schema *schema,
               const struct table_options *options, struct lcap_error *error)
{
    static const struct table_options defaults;
    const struct table_class *class = classes[schema->format];
    struct table *made = NULL;
    *table = NULL;
    if (schema->count == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: a table without columns", path);
    int rc = class->open(&made, path, schema, options ? options : &defaults, error);
    if (rc < 0)
        return rc;
    made->class = class;
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
