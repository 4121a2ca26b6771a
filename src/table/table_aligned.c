/*
 * Aligned columns for people: numbers to the right, text to the left, separated by
 * two spaces. Rows wait in memory until the widths are known, but at most a window
 * of them; a later window has columns at least as wide as the previous one.
 */
#include "base/memory.h"
#include "base/text/text.h"
#include "base/text/text_columns.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)4 << 20)

/* What is shown of names of columns, and of texts, at least: an IPv4 address. */
enum { LEAST_OF_HEAD = 8, LEAST_OF_TEXT = 15 };

struct aligned_table {
    struct table base;
    const struct table_schema *schema;
    struct output *out;
    struct cells_feed feed;
    struct buffer waiting; /* the NUL-terminated text of each cell, row after row */
    struct buffer line;
    size_t width; /* of a line; 0: no limit */
    bool begun;   /* the heads are written */
    struct text_column *columns;
    struct text_cell *cells; /* of the line */
};

/* The text for an empty cell. */
static const char nothing[] = "-";

static bool is_number(const struct lcap_column *column)
{
    switch (column->kind) {
    case LCAP_CELL_UNSIGNED:
    case LCAP_CELL_SIGNED:
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
    case LCAP_CELL_SECONDS:
        return true;
    default:
        return false;
    }
}

static int append_number(struct buffer *out, const struct table_schema *schema, size_t column,
                         const struct cell_view *cell, struct lcap_error *error)
{
    static const struct number_format exact;
    const bool chosen = schema->columns[column]->kind == LCAP_CELL_REAL;
    char text[NUMBER_TEXT];
    size_t len;
    if (cell->form == FORM_UNSIGNED)
        len = number_from_unsigned(cell->value.u, text);
    else if (cell->form == FORM_SIGNED)
        len = number_from_signed(cell->value.i, text);
    else
        len = number_in_format(cell->value.real, chosen ? schema->number_format : exact, text);
    return buffer_append(out, text, len, error);
}

static int append_cell(struct buffer *out, const struct table_schema *schema, size_t column,
                       const struct cell_view *cell, struct lcap_error *error)
{
    switch (cell->form) {
    case FORM_NOTHING:
        break;
    case FORM_BOOL:
        return buffer_append_text(out, cell->value.u ? "true" : "false", error);
    case FORM_TEXT:
        return text_append_escaped(out, cell->value.text, cell->text_len, error);
    case FORM_UNSIGNED:
    case FORM_SIGNED:
    case FORM_REAL:
        return append_number(out, schema, column, cell, error);
    }
    return buffer_append_text(out, nothing, error);
}

/* The text of a cell, complete and NUL-terminated from `start` on, takes its place in the widths.
 */
static int keep(struct aligned_table *t, size_t start, size_t column, struct lcap_error *error)
{
    const size_t len = t->waiting.len - start;
    const int rc = buffer_append(&t->waiting, "", 1, error);
    if (rc < 0)
        return rc;
    const size_t width = text_width((const char *)t->waiting.data + start, len);
    if (width > t->columns[column].wanted)
        t->columns[column].wanted = width;
    return LCAP_OK;
}

static int keep_heads(struct aligned_table *t, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        const size_t start = t->waiting.len;
        t->columns[i].right = is_number(t->schema->columns[i]);
        rc = buffer_append_text(&t->waiting, t->schema->columns[i]->name, error);
        if (rc == LCAP_OK)
            rc = keep(t, start, i, error);
        t->columns[i].least =
            t->columns[i].wanted < LEAST_OF_HEAD ? t->columns[i].wanted : LEAST_OF_HEAD;
    }
    return rc;
}

/* Numbers are whole or not there; heads and texts can be cut. */
static void widen_least(struct text_column *column, const char *text, size_t len)
{
    const size_t width = text_width(text, len);
    const size_t needed = column->right || width < LEAST_OF_TEXT ? width : LEAST_OF_TEXT;
    if (needed > column->least)
        column->least = needed;
}

static int keep_cell(struct aligned_table *t, size_t column, const struct cell_view *cell,
                     struct lcap_error *error)
{
    const size_t start = t->waiting.len;
    int rc = append_cell(&t->waiting, t->schema, column, cell, error);
    if (rc < 0)
        return rc;
    widen_least(&t->columns[column], (const char *)t->waiting.data + start, t->waiting.len - start);
    return keep(t, start, column, error);
}

/* The next row, and where the one after it begins. */
static const char *take_cells(struct aligned_table *t, const char *text)
{
    for (size_t i = 0; i < t->schema->count; i++) {
        t->cells[i] = (struct text_cell){text, strlen(text)};
        text += t->cells[i].len + 1;
    }
    return text;
}

static int write_waiting(struct aligned_table *t, struct lcap_error *error)
{
    const size_t count = t->schema->count;
    const bool all = text_columns_share(t->columns, count, t->width);
    const char *text = (const char *)t->waiting.data;
    const char *end = text + t->waiting.len;
    int rc = LCAP_OK;
    while (text < end && rc == LCAP_OK) {
        text = take_cells(t, text);
        buffer_clear(&t->line);
        rc = text_columns_append(&t->line, t->columns, count, t->cells, !t->begun && !all, error);
        t->begun = true;
        if (rc == LCAP_OK)
            output_write(t->out, t->line.data, t->line.len);
    }
    buffer_clear(&t->waiting);
    return rc;
}

static int take_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct aligned_table *t = context;
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        struct cell_view cell;
        cells = cells_next(cells, &cell);
        rc = keep_cell(t, i, &cell, error);
    }
    return rc == LCAP_OK && t->waiting.len > WINDOW_BYTES ? write_waiting(t, error) : rc;
}

static void release(struct aligned_table *t)
{
    output_discard(t->out);
    cells_feed_release(&t->feed);
    buffer_release(&t->waiting);
    buffer_release(&t->line);
    free(t->columns);
    free(t->cells);
    free(t);
}

static int open_aligned(struct table **table, const char *path, const struct table_schema *schema,
                        const struct table_options *options, struct lcap_error *error)
{
    struct aligned_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    const struct output_options output = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    t->schema = schema;
    t->width = options->width;
    t->columns = memory_new(schema->count, sizeof *t->columns, error);
    t->cells = memory_new(schema->count, sizeof *t->cells, error);
    int rc = t->columns && t->cells ? output_open(&t->out, path, &output, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = keep_heads(t, error);
    if (rc < 0)
        release(t);
    else
        *table = &t->base;
    return rc;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct aligned_table *t = (struct aligned_table *)table;
    int rc = cells_feed(&t->feed, encoded, len, take_row, t, error);
    return rc == LCAP_OK ? output_error(t->out, error) : rc;
}

static int close_aligned(struct table *table, struct lcap_error *error)
{
    struct aligned_table *t = (struct aligned_table *)table;
    int rc = write_waiting(t, error);
    if (rc == LCAP_OK) {
        rc = output_close(t->out, error);
        t->out = NULL;
    }
    release(t);
    return rc;
}

static void discard(struct table *table)
{
    release((struct aligned_table *)table);
}

/* A name in .txt does not ask for it: many programs call CSV so. */
const struct table_class table_aligned = {
    .name = "text",
    .suffixes = {".txt"},
    .text = true,
    .encode = cells_encode,
    .open = open_aligned,
    .append = append,
    .close = close_aligned,
    .discard = discard,
};
