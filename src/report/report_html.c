/* A description as an HTML page. */
#include "report/report_html.h"

#include "base/hash.h"
#include "base/text/text.h"
#include "report/html_plot.h"
#include "report/html_text.h"
#include "report/text_value.h"
#include <inttypes.h>
#include <string.h>

/* page.css and page.js, which the linker has put here. */
#define EMBEDDED(NAME)                                                                             \
    extern const char _binary_##NAME##_start[]; /* NOLINT(bugprone-reserved-identifier) */         \
    extern const char _binary_##NAME##_end[];   /* NOLINT(bugprone-reserved-identifier) */
EMBEDDED(page_css)
EMBEDDED(page_js)

static const struct page_part {
    const char *start, *end;
} style = {_binary_page_css_start, _binary_page_css_end},
  script = {_binary_page_js_start, _binary_page_js_end};

static size_t part_len(const struct page_part *part)
{
    return (size_t)(part->end - part->start);
}

struct html_printer {
    const struct result *result;
    const struct report_sink *sink;
    struct buffer out;
    bool in_list;   /* of leaves */
    unsigned depth; /* of objects */
};

static int put(struct html_printer *page, const char *html, struct lcap_error *error)
{
    return buffer_append_text(&page->out, html, error);
}

/* ---- the frame ---- */

static int put_policy(struct html_printer *page, struct lcap_error *error)
{
    char style_hash[HASH_SHA256_BASE64], script_hash[HASH_SHA256_BASE64];
    hash_sha256_base64(style.start, part_len(&style), style_hash);
    hash_sha256_base64(script.start, part_len(&script), script_hash);
    return buffer_printf(
        &page->out, error,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
        "form-action 'none'\">\n",
        style_hash, script_hash);
}

static int put_title(struct html_printer *page, const char *title, struct lcap_error *error)
{
    const struct result_value text = result_string(title);
    return html_append_value(&page->out, &text, error);
}

static int put_head(struct html_printer *page, const char *title, struct lcap_error *error)
{
    int rc =
        put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", error);
    if (rc == LCAP_OK)
        rc = put_policy(page, error);
    if (rc == LCAP_OK)
        rc = put(page,
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
                 error);
    if (rc == LCAP_OK)
        rc = put_title(page, title, error);
    if (rc == LCAP_OK)
        rc = put(page, "</title>\n<style>", error);
    if (rc == LCAP_OK)
        rc = buffer_append(&page->out, style.start, part_len(&style), error);
    if (rc == LCAP_OK)
        rc = put(page, "</style>\n</head>\n<body>\n<h1>", error);
    if (rc == LCAP_OK)
        rc = put_title(page, title, error);
    return rc == LCAP_OK ? put(page, "</h1>\n<main>\n", error) : rc;
}

static int put_foot(struct html_printer *page, struct lcap_error *error)
{
    int rc = put(page, "</main>\n<script>", error);
    if (rc == LCAP_OK)
        rc = buffer_append(&page->out, script.start, part_len(&script), error);
    return rc == LCAP_OK ? put(page, "</script>\n</body>\n</html>\n", error) : rc;
}

/* ---- tables ---- */

/* What a column is sorted by, and whether it stands at the right. */
static bool is_number(enum result_kind kind)
{
    return kind != RESULT_TEXT && kind != RESULT_TRUTH && kind != RESULT_TIME;
}

static int put_heads(struct html_printer *page, const struct result_table *table,
                     struct lcap_error *error)
{
    int rc = put(page, "<table>\n<thead><tr>", error);
    for (size_t i = 0; i < table->column_count && rc == LCAP_OK; i++) {
        const struct result_column *column = &table->columns[i];
        if (!column->title)
            continue;
        rc = put(page,
                 is_number(column->kind) ? "<th class=\"number\" scope=\"col\">"
                                         : "<th scope=\"col\">",
                 error);
        if (rc == LCAP_OK)
            rc = html_append_string(&page->out, column->title, error);
        if (rc == LCAP_OK)
            rc = put(page, "</th>", error);
    }
    return rc == LCAP_OK ? put(page, "</tr></thead>\n<tbody>\n", error) : rc;
}

static int put_cell(struct html_printer *page, const struct result_value *value,
                    enum result_kind kind, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!is_number(kind))
        rc = put(page, "<td>", error);
    else if (value->kind == RESULT_REAL || value->kind == RESULT_SHARE)
        rc = buffer_printf(&page->out, error, "<td class=\"number\" data-value=\"%.17g\">",
                           value->as.real);
    else if (value->kind == RESULT_NOTHING || value->kind == RESULT_SIGNED)
        rc = buffer_printf(&page->out, error, "<td class=\"number\" data-value=\"%" PRId64 "\">",
                           value->kind == RESULT_NOTHING ? INT64_C(-1) : value->as.i);
    else
        rc = buffer_printf(&page->out, error, "<td class=\"number\" data-value=\"%" PRIu64 "\">",
                           value->as.u);
    if (rc == LCAP_OK)
        rc = html_append_value(&page->out, value, error);
    return rc == LCAP_OK ? put(page, "</td>", error) : rc;
}

static int put_row(struct html_printer *page, const struct result_table *table, size_t index,
                   struct lcap_error *error)
{
    struct result_row row;
    result_make_row(table, index, &row);
    int rc = put(page, "<tr>", error);
    for (size_t i = 0; i < table->column_count && rc == LCAP_OK; i++)
        if (table->columns[i].title)
            rc = put_cell(page, &row.cells[i], table->columns[i].kind, error);
    return rc == LCAP_OK ? put(page, "</tr>\n", error) : rc;
}

static int put_rows(struct html_printer *page, const struct result_table *table,
                    struct lcap_error *error)
{
    int rc = put(page, "<div class=\"scroll\">", error);
    if (rc == LCAP_OK)
        rc = put_heads(page, table, error);
    for (size_t i = 0; i < table->row_count && rc == LCAP_OK; i++) {
        rc = put_row(page, table, i, error);
        report_hand_on_full(page->sink, &page->out);
    }
    return rc == LCAP_OK ? put(page, "</tbody>\n</table></div>\n", error) : rc;
}

/* A picture has its table behind it. */
static int put_table(struct html_printer *page, const struct result_item *item,
                     struct lcap_error *error)
{
    const bool plot = item->plot != RESULT_PLOT_NONE;
    int rc = put(page, "<figure>\n<figcaption>", error);
    if (rc == LCAP_OK)
        rc = html_append_string(&page->out, item->title, error);
    if (rc == LCAP_OK)
        rc = put(page, "</figcaption>\n", error);
    if (rc == LCAP_OK)
        rc = html_plot_append(&page->out, item, error);
    if (rc == LCAP_OK && plot)
        rc = put(page, "<details><summary>Table</summary>\n", error);
    if (rc == LCAP_OK)
        rc = put_rows(page, &item->table, error);
    if (rc == LCAP_OK && plot)
        rc = put(page, "</details>\n", error);
    return rc == LCAP_OK ? put(page, "</figure>\n", error) : rc;
}

/* ---- the rest ---- */

static int put_leaf(struct html_printer *page, const struct result_item *item,
                    struct lcap_error *error)
{
    int rc = page->in_list ? LCAP_OK : put(page, "<dl>\n", error);
    page->in_list = true;
    if (rc == LCAP_OK)
        rc = put(page, "<dt>", error);
    if (rc == LCAP_OK && item->title)
        rc = html_append_string(&page->out, item->title, error);
    if (rc == LCAP_OK)
        rc = put(page, "</dt><dd>", error);
    if (rc == LCAP_OK)
        rc = html_append_value(&page->out, &item->value, error);
    return rc == LCAP_OK ? put(page, "</dd>\n", error) : rc;
}

static int end_list(struct html_printer *page, struct lcap_error *error)
{
    if (!page->in_list)
        return LCAP_OK;
    page->in_list = false;
    return put(page, "</dl>\n", error);
}

static int put_heading(struct html_printer *page, const char *title, struct lcap_error *error)
{
    const unsigned level = page->depth < 2 ? 2 : 3;
    int rc = buffer_printf(&page->out, error, "<h%u>", level);
    if (rc == LCAP_OK)
        rc = html_append_string(&page->out, title, error);
    return rc == LCAP_OK ? buffer_printf(&page->out, error, "</h%u>\n", level) : rc;
}

static int put_finding(struct html_printer *page, const struct lcap_finding *finding,
                       struct lcap_error *error)
{
    const char *severity = findings_severity(finding->severity);
    int rc =
        buffer_printf(&page->out, error, "<li class=\"%s\"><span class=\"severity\">%s</span> ",
                      severity, severity);
    struct buffer text = {0};
    if (rc == LCAP_OK && finding->place)
        rc = buffer_printf(&text, error, "%s: ", finding->place);
    if (rc == LCAP_OK)
        rc = buffer_append_text(&text, finding->text, error);
    struct buffer safe = {0};
    if (rc == LCAP_OK)
        rc = text_append_message(&safe, (const char *)text.data, text.len, error);
    if (rc == LCAP_OK)
        rc = html_append(&page->out, (const char *)safe.data, safe.len, error);
    buffer_release(&safe);
    buffer_release(&text);
    return rc == LCAP_OK ? put(page, "</li>\n", error) : rc;
}

static int put_findings(struct html_printer *page, const char *title, struct lcap_error *error)
{
    const struct findings *findings = &page->result->findings;
    int rc = put_heading(page, title, error);
    if (rc == LCAP_OK)
        rc = put(page, findings->count ? "<ul class=\"findings\">\n" : "<p>None.</p>\n", error);
    for (size_t i = 0; i < findings->count && rc == LCAP_OK; i++)
        rc = put_finding(page, &findings->items[i], error);
    return rc == LCAP_OK && findings->count ? put(page, "</ul>\n", error) : rc;
}

static int put_part(struct html_printer *page, const struct result_item *item,
                    struct lcap_error *error)
{
    if (item->kind == RESULT_LEAF || item->kind == RESULT_LINE)
        return item->title || item->kind == RESULT_LINE ? put_leaf(page, item, error) : LCAP_OK;
    int rc = end_list(page, error);
    page->depth += item->kind == RESULT_OPEN;
    page->depth -= item->kind == RESULT_CLOSE;
    if (rc < 0 || !item->title)
        return rc;
    switch (item->kind) {
    case RESULT_OPEN:
        return put_heading(page, item->title, error);
    case RESULT_ROWS:
        return item->table.row_count ? put_table(page, item, error) : LCAP_OK;
    case RESULT_FINDINGS:
        return put_findings(page, item->title, error);
    case RESULT_LEAF:
    case RESULT_LINE:
    case RESULT_CLOSE:
        break;
    }
    return LCAP_OK;
}

int report_html(const struct result *result, const char *title, const struct report_sink *sink,
                struct lcap_error *error)
{
    struct html_printer page = {.result = result, .sink = sink};
    int rc = result->status ? result->status : put_head(&page, title, error);
    for (size_t i = 0; i < result->item_count && rc == LCAP_OK; i++)
        rc = put_part(&page, &result->items[i], error);
    if (rc == LCAP_OK)
        rc = end_list(&page, error);
    if (rc == LCAP_OK)
        rc = put_foot(&page, error);
    if (rc == LCAP_OK)
        report_hand_on(sink, &page.out);
    buffer_release(&page.out);
    return rc;
}
