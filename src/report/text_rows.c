/* Tables of a description as text: measured once, then printed. */
#include "report/text_rows.h"

#include "base/text/text.h"
#include "base/text/text_columns.h"
#include "report/text_value.h"
#include <stdint.h>

struct text_rows {
    const struct result_table *table;
    const struct result_column *shown[RESULT_MAX_COLUMNS]; /* in the order of their places */
    struct text_column columns[RESULT_MAX_COLUMNS];
    struct text_cell cells[RESULT_MAX_COLUMNS]; /* of one line */
    size_t count;
    size_t width;        /* of a line; SIZE_MAX: unlimited */
    struct buffer texts; /* of the cells, one after the other */
};

static void choose_columns(struct text_rows *rows)
{
    const struct result_table *table = rows->table;
    for (uint8_t place = 1; place <= RESULT_MAX_COLUMNS; place++)
        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].place == place)
                rows->shown[rows->count++] = &table->columns[i];
}

/* Sets the cells to the texts, which end at `ends`. */
static void set_cells(struct text_rows *rows, const size_t *ends)
{
    size_t start = 0;
    for (size_t i = 0; i < rows->count; i++) {
        rows->cells[i].text = (const char *)rows->texts.data + start;
        rows->cells[i].len = ends[i] - start;
        start = ends[i];
    }
}

static int make_heads(struct text_rows *rows, struct lcap_error *error)
{
    size_t ends[RESULT_MAX_COLUMNS];
    int rc = LCAP_OK;
    buffer_clear(&rows->texts);
    for (size_t i = 0; i < rows->count && rc == LCAP_OK; i++) {
        const struct result_column *column = rows->shown[i];
        const char *unit = text_value_unit(column->kind);
        rc = buffer_append_text(&rows->texts, column->title, error);
        if (rc == LCAP_OK && *unit)
            rc = buffer_printf(&rows->texts, error, " [%s]", unit);
        ends[i] = rows->texts.len;
    }
    if (rc == LCAP_OK)
        set_cells(rows, ends);
    return rc;
}

/* A text may be very long, and no more of it is shown than fits the line. */
static int append_value(struct text_rows *rows, const struct result_value *value,
                        struct lcap_error *error)
{
    if (value->kind == RESULT_TEXT)
        return text_append_escaped_to(&rows->texts, value->as.text, value->text_len, rows->width,
                                      error);
    return text_value_append(&rows->texts, value, error);
}

static int make_row(struct text_rows *rows, size_t index, struct lcap_error *error)
{
    size_t ends[RESULT_MAX_COLUMNS];
    struct result_row row;
    int rc = LCAP_OK;
    result_make_row(rows->table, index, &row);
    buffer_clear(&rows->texts);
    for (size_t i = 0; i < rows->count && rc == LCAP_OK; i++) {
        const size_t column = (size_t)(rows->shown[i] - rows->table->columns);
        rc = append_value(rows, &row.cells[column], error);
        ends[i] = rows->texts.len;
    }
    if (rc == LCAP_OK)
        set_cells(rows, ends);
    return rc;
}

static void widen(struct text_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const size_t width = text_width(rows->cells[i].text, rows->cells[i].len);
        if (width > rows->columns[i].wanted)
            rows->columns[i].wanted = width;
    }
}

/* Text can be cut; a cut number or time would be a different one. */
static size_t least_width(const struct result_column *column, size_t wanted)
{
    enum { FEW = 16 };
    const size_t least = column->least ? column->least : FEW;
    return column->kind == RESULT_TEXT && least < wanted ? least : wanted;
}

static int measure(struct text_rows *rows, struct lcap_error *error)
{
    int rc = make_heads(rows, error);
    if (rc == LCAP_OK)
        widen(rows);
    for (size_t i = 0; i < rows->table->row_count && rc == LCAP_OK; i++) {
        rc = make_row(rows, i, error);
        if (rc == LCAP_OK)
            widen(rows);
    }
    for (size_t i = 0; i < rows->count; i++) {
        struct text_column *column = &rows->columns[i];
        const enum result_kind kind = rows->shown[i]->kind;
        column->least = least_width(rows->shown[i], column->wanted);
        column->right = kind != RESULT_TEXT && kind != RESULT_TIME && kind != RESULT_TRUTH;
    }
    return rc;
}

static int print(struct text_rows *rows, struct buffer *out, bool all,
                 const struct report_sink *sink, struct lcap_error *error)
{
    int rc = make_heads(rows, error);
    if (rc == LCAP_OK)
        rc = text_columns_append(out, rows->columns, rows->count, rows->cells, !all, error);
    for (size_t i = 0; i < rows->table->row_count && rc == LCAP_OK; i++) {
        rc = make_row(rows, i, error);
        if (rc == LCAP_OK)
            rc = text_columns_append(out, rows->columns, rows->count, rows->cells, false, error);
        report_hand_on_full(sink, out);
    }
    return rc;
}

int text_rows_append(struct buffer *out, const struct result_table *table, size_t width,
                     const struct report_sink *sink, struct lcap_error *error)
{
    struct text_rows rows = {.table = table, .width = width ? width : SIZE_MAX};
    choose_columns(&rows);
    int rc = measure(&rows, error);
    if (rc == LCAP_OK) {
        const bool all = text_columns_share(rows.columns, rows.count, width);
        rc = print(&rows, out, all, sink, error);
    }
    buffer_release(&rows.texts);
    return rc;
}
