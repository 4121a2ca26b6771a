/*
 * Aligned columns for people: numbers to the right, text to the left, separated by
 * two spaces. Rows wait in memory until the widths are known, but at most a window
 * of them; a later window has columns at least as wide as the previous one.
 */
#include "base/memory.h"
#include "base/text/text.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)4 << 20)

struct aligned_table {
    struct table base;
    const struct table_schema *schema;
    struct output *out;
    struct cells_feed feed;
    struct buffer waiting; /* the NUL-terminated text of each cell, row after row */
    size_t *widths;        /* in characters */
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

/* Characters of UTF-8. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((uint8_t)*text & 0xC0) != 0x80;
    return width;
}

static void widen(struct aligned_table *t, size_t column, const char *text)
{
    size_t width = width_of(text);
    if (width > t->widths[column])
        t->widths[column] = width;
}

static void pad(struct output *out, size_t count)
{
    while (count-- > 0)
        output_write(out, " ", 1);
}

/* No spaces follow the last column. */
static void write_cell(const struct aligned_table *t, size_t column, const char *text)
{
    size_t missing = t->widths[column] - width_of(text);
    bool right = is_number(t->schema->columns[column]);
    bool last = column + 1 == t->schema->count;
    if (right)
        pad(t->out, missing);
    output_write(t->out, text, strlen(text));
    if (!right && !last)
        pad(t->out, missing);
    output_write(t->out, last ? "\n" : "  ", last ? 1 : 2);
}

static void write_waiting(struct aligned_table *t)
{
    const char *text = (const char *)t->waiting.data;
    const char *end = text + t->waiting.len;
    while (text < end) {
        for (size_t i = 0; i < t->schema->count; i++) {
            write_cell(t, i, text);
            text += strlen(text) + 1;
        }
    }
    buffer_clear(&t->waiting);
}

static int keep(struct aligned_table *t, size_t start, size_t column, struct lcap_error *error)
{
    int rc = buffer_append(&t->waiting, "", 1, error);
    if (rc == LCAP_OK)
        widen(t, column, (const char *)t->waiting.data + start);
    return rc;
}

static int take_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct aligned_table *t = context;
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        struct cell_view cell;
        size_t start = t->waiting.len;
        cells = cells_next(cells, &cell);
        rc = append_cell(&t->waiting, t->schema, i, &cell, error);
        if (rc == LCAP_OK)
            rc = keep(t, start, i, error);
    }
    if (rc == LCAP_OK && t->waiting.len > WINDOW_BYTES)
        write_waiting(t);
    return rc;
}

static int keep_header(struct aligned_table *t, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        size_t start = t->waiting.len;
        rc = buffer_append_text(&t->waiting, t->schema->columns[i]->name, error);
        if (rc == LCAP_OK)
            rc = keep(t, start, i, error);
    }
    return rc;
}

static void release(struct aligned_table *t)
{
    output_discard(t->out);
    cells_feed_release(&t->feed);
    buffer_release(&t->waiting);
    free(t->widths);
    free(t);
}

static int open_aligned(struct table **table, const char *path, const struct table_schema *schema,
                        const struct table_options *options, struct lcap_error *error)
{
    struct aligned_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    const struct output_options output = {.overwrite = options->overwrite};
    t->schema = schema;
    t->widths = memory_new(schema->count, sizeof *t->widths, error);
    int rc = t->widths ? output_open(&t->out, path, &output, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = keep_header(t, error);
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
    write_waiting(t);
    int rc = output_close(t->out, error);
    t->out = NULL;
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
