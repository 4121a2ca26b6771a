/* A description as text for people. */
#include "report/report_text.h"

#include "base/text/text.h"
#include "base/text/text_columns.h"
#include "report/text_rows.h"
#include "report/text_value.h"
#include <string.h>

struct text_printer {
    const struct result *result;
    const struct report_sink *sink;
    size_t width;
    struct buffer out;
    struct buffer text;  /* of the current value or finding */
    bool begun;          /* something has been printed */
    size_t value_column; /* where the values of the current leaves begin; 0: no leaf before */
};

/* Prints the current text at column `indent`, and ends the line. */
static int print_text(struct text_printer *printer, size_t indent, struct lcap_error *error)
{
    const struct buffer *text = &printer->text;
    const int rc = text_append_wrapped(&printer->out, (const char *)text->data, text->len, indent,
                                       printer->width, error);
    return rc == LCAP_OK ? buffer_append_text(&printer->out, "\n", error) : rc;
}

/* An empty line, except before the first, and the title. */
static int begin_part(struct text_printer *printer, const char *title, struct lcap_error *error)
{
    int rc = printer->begun ? buffer_append_text(&printer->out, "\n", error) : LCAP_OK;
    printer->begun = true;
    printer->value_column = 0;
    if (rc < 0 || !title)
        return rc;
    buffer_clear(&printer->text);
    rc = buffer_append_text(&printer->text, title, error);
    return rc == LCAP_OK ? print_text(printer, 0, error) : rc;
}

/* The column after the longest title of the leaves from `item` on. */
static size_t find_value_column(const struct text_printer *printer, const struct result_item *item)
{
    const struct result_item *end = printer->result->items + printer->result->item_count;
    size_t longest = 0;
    for (; item < end && (item->kind == RESULT_LEAF || item->kind == RESULT_LINE); item++)
        if (item->title && strlen(item->title) > longest)
            longest = strlen(item->title);
    return longest + TEXT_COLUMN_GAP;
}

static int print_leaf(struct text_printer *printer, const struct result_item *item,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (printer->value_column == 0) {
        rc = begin_part(printer, NULL, error);
        printer->value_column = find_value_column(printer, item);
    }
    const size_t indent = item->title ? printer->value_column : 0;
    buffer_clear(&printer->text);
    if (rc == LCAP_OK && item->title)
        rc = buffer_printf(&printer->out, error, "%-*s", (int)indent, item->title);
    if (rc == LCAP_OK)
        rc = text_value_append(&printer->text, &item->value, error);
    const char *unit = text_value_unit(item->value.kind);
    if (rc == LCAP_OK && *unit)
        rc = buffer_printf(&printer->text, error, " %s", unit);
    return rc == LCAP_OK ? print_text(printer, indent, error) : rc;
}

static int print_heading(struct text_printer *printer, const struct result_item *item,
                         struct lcap_error *error)
{
    const int rc = begin_part(printer, item->title, error);
    printer->value_column = find_value_column(printer, item + 1);
    return rc;
}

static int print_table(struct text_printer *printer, const struct result_item *item,
                       struct lcap_error *error)
{
    const int rc = begin_part(printer, item->title, error);
    return rc == LCAP_OK
               ? text_rows_append(&printer->out, &item->table, printer->width, printer->sink, error)
               : rc;
}

static int print_finding(struct text_printer *printer, const struct lcap_finding *finding,
                         struct lcap_error *error)
{
    struct buffer *text = &printer->text;
    buffer_clear(text);
    int rc = buffer_printf(text, error, "%s: ", findings_severity(finding->severity));
    if (rc == LCAP_OK && finding->place)
        rc = text_append_escaped(text, finding->place, strlen(finding->place), error);
    if (rc == LCAP_OK && finding->place)
        rc = buffer_append_text(text, ": ", error);
    if (rc == LCAP_OK)
        rc = text_append_message(text, finding->text, strlen(finding->text), error);
    return rc == LCAP_OK ? print_text(printer, 0, error) : rc;
}

static int print_findings(struct text_printer *printer, const char *title, struct lcap_error *error)
{
    const struct result *result = printer->result;
    if (result->findings.count == 0)
        return LCAP_OK;
    int rc = begin_part(printer, title, error);
    for (size_t i = 0; i < result->findings.count && rc == LCAP_OK; i++)
        rc = print_finding(printer, &result->findings.items[i], error);
    return rc;
}

static int print_item(struct text_printer *printer, const struct result_item *item,
                      struct lcap_error *error)
{
    switch (item->kind) {
    case RESULT_LINE:
        return print_leaf(printer, item, error);
    case RESULT_LEAF:
        return item->title ? print_leaf(printer, item, error) : LCAP_OK;
    case RESULT_OPEN:
        return item->title ? print_heading(printer, item, error) : LCAP_OK;
    case RESULT_ROWS:
        return item->title && item->table.row_count ? print_table(printer, item, error) : LCAP_OK;
    case RESULT_FINDINGS:
        return item->title ? print_findings(printer, item->title, error) : LCAP_OK;
    case RESULT_CLOSE:
        printer->value_column = 0;
        break;
    }
    return LCAP_OK;
}

int report_text(const struct result *result, size_t width, const struct report_sink *sink,
                struct lcap_error *error)
{
    struct text_printer printer = {.result = result, .sink = sink, .width = width};
    int rc = result->status;
    for (size_t i = 0; i < result->item_count && rc == LCAP_OK; i++)
        rc = print_item(&printer, &result->items[i], error);
    if (rc == LCAP_OK)
        report_hand_on(sink, &printer.out);
    buffer_release(&printer.out);
    buffer_release(&printer.text);
    return rc;
}
