/* Tables of text: encoded rows are written to an output as they are. */
#include "base/memory.h"
#include "base/text/text_columns.h"
#include "table/table_internal.h"
#include <stdlib.h>

int text_table_open(struct text_table **table, const char *path, const struct table_schema *schema,
                    const struct table_options *options, struct lcap_error *error)
{
    struct text_table *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->schema = schema;
    made->width = options->width;
    const struct output_options output = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    int rc = output_open(&made->out, path, &output, error);
    if (rc < 0)
        free(made);
    else
        *table = made;
    return rc;
}

/* More bytes of a line than fit any terminal of that width. */
static size_t most_of_line(const struct text_table *t)
{
    enum { LONGEST_COLUMN = 64 }; /* a character with its combining marks */
    return LONGEST_COLUMN * t->width;
}

/* Writes the line that has been gathered, cut where the terminal ends. */
static int write_line(struct text_table *t, struct lcap_error *error)
{
    const char *text = (const char *)t->line.data;
    int rc = LCAP_OK;
    if (text_width(text, t->line.len) > t->width) {
        t->line.len = text_fitting_length(text, t->line.len, t->width - 1);
        rc = buffer_append_text(&t->line, "\u2026", error);
    }
    if (rc == LCAP_OK)
        rc = buffer_append_text(&t->line, "\n", error);
    if (rc == LCAP_OK)
        output_write(t->out, t->line.data, t->line.len);
    buffer_clear(&t->line);
    return rc;
}

static int append_cut(struct text_table *t, const uint8_t *encoded, size_t len,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        const uint8_t *end = memchr(encoded, '\n', len);
        const size_t part = end ? (size_t)(end - encoded) : len;
        const size_t room = most_of_line(t) - t->line.len;
        rc = buffer_append(&t->line, encoded, part < room ? part : room, error);
        if (rc == LCAP_OK && end)
            rc = write_line(t, error);
        encoded += part + (end != NULL);
        len -= part + (end != NULL);
    }
    return rc;
}

int text_table_append(struct table *table, const uint8_t *encoded, size_t len,
                      struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    const int rc = t->width ? append_cut(t, encoded, len, error) : LCAP_OK;
    if (!t->width)
        output_write_stream(t->out, encoded, len);
    return rc == LCAP_OK ? output_error(t->out, error) : rc;
}

static void release(struct text_table *t)
{
    buffer_release(&t->line);
    free(t);
}

int text_table_close(struct table *table, struct lcap_error *error)
{
    struct text_table *t = (struct text_table *)table;
    const int rc = output_close(t->out, error);
    release(t);
    return rc;
}

void text_table_discard(struct table *table)
{
    struct text_table *t = (struct text_table *)table;
    output_discard(t->out);
    release(t);
}
