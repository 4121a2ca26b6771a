/* Tables of text: encoded rows are written to an output as they are. */
#include "base/memory.h"
#include "table/table_internal.h"
#include <stdlib.h>

int text_table_open(struct text_table **table, const char *path, const struct table_schema *schema,
                    const struct table_options *options, struct lcap_error *error)
{
    struct text_table *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->schema = schema;
    const struct output_options output = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    int rc = output_open(&made->out, path, &output, error);
    if (rc < 0)
        free(made);
    else
        *table = made;
    return rc;
}

int text_table_append(struct table *table, const uint8_t *encoded, size_t len,
                      struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    output_write(t->out, encoded, len);
    return output_error(t->out, error);
}

int text_table_close(struct table *table, struct lcap_error *error)
{
    int rc = output_close(((struct text_table *)table)->out, error);
    free(table);
    return rc;
}

void text_table_discard(struct table *table)
{
    output_discard(((struct text_table *)table)->out);
    free(table);
}
