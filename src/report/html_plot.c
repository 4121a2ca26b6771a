/* Bars, boxes and heat maps, as SVG without styles of its own: page.css has them. */
#include "report/html_plot.h"

#include "report/html_text.h"
#include <math.h>
#include <string.h>

enum {
    WIDTH = 960,
    NAMES = 200, /* the width for names, at the left */
    ROW = 22,
    BAR = 14,
    HEAD = 24,         /* the height for heads */
    MOST_COLUMNS = 16, /* of a heat map by names */
    NAME_TEXT = 64,
};

struct plot {
    struct buffer *body; /* what is in the picture */
    const struct result_table *table;
    struct result_row row; /* the current one */
    size_t index;          /* of it */
    double top;            /* where it is drawn */
    struct lcap_error *error;
    int status; /* the first failure, which sticks */
};

static void put(struct plot *plot, const char *text)
{
    if (plot->status == LCAP_OK)
        plot->status = buffer_append_text(plot->body, text, plot->error);
}

static void put_value(struct plot *plot, const struct result_value *value)
{
    if (plot->status == LCAP_OK)
        plot->status = html_append_value(plot->body, value, plot->error);
}

#define PUT(PLOT, ...)                                                                             \
    ((PLOT)->status == LCAP_OK                                                                     \
         ? (void)((PLOT)->status = buffer_printf((PLOT)->body, (PLOT)->error, __VA_ARGS__))        \
         : (void)0)

static void take_row(struct plot *plot, size_t index)
{
    plot->index = index;
    result_make_row(plot->table, index, &plot->row);
}

static double number_of(const struct result_value *value)
{
    switch (value->kind) {
    case RESULT_REAL:
    case RESULT_SHARE:
        return value->as.real;
    case RESULT_SIGNED:
    case RESULT_TIME:
        return (double)value->as.i;
    case RESULT_COUNT:
    case RESULT_NUMBER:
    case RESULT_DURATION:
        return (double)value->as.u;
    default:
        return 0;
    }
}

static bool is_same_text(const struct result_value *a, const char *text, size_t len)
{
    return a->text_len == len && (len == 0 || memcmp(a->as.text, text, len) == 0);
}

/* ---- a row: its name, and a background to point at ---- */

/* "dns", or "dns 53": the columns that are not values. */
static void put_name(struct plot *plot, bool with_second)
{
    put_value(plot, &plot->row.cells[0]);
    if (with_second) {
        put(plot, " ");
        put_value(plot, &plot->row.cells[1]);
    }
}

/* A picture within the picture cuts a name that is too long. */
static void open_row(struct plot *plot, bool with_second)
{
    PUT(plot, "<g class=\"row\" data-name=\"");
    put_value(plot, &plot->row.cells[0]);
    PUT(plot, "\"><rect class=\"back\" x=\"%d\" y=\"%g\" width=\"%d\" height=\"%d\"/>", NAMES,
        plot->top + 1, WIDTH - NAMES, ROW - 2);
    PUT(plot, "<svg x=\"0\" y=\"%g\" width=\"%d\" height=\"%d\"><text y=\"15\" data-tip=\"",
        plot->top, NAMES - 8, ROW);
    put_name(plot, with_second);
    put(plot, "\">");
    put_name(plot, with_second);
    put(plot, "</text></svg>");
}

static void close_row(struct plot *plot)
{
    put(plot, "</g>\n");
    plot->top += ROW;
}

/* What is told of a shape: "dns, packets: 1,024". */
static void put_tip(struct plot *plot, size_t column)
{
    put(plot, " data-tip=\"");
    put_value(plot, &plot->row.cells[0]);
    PUT(plot, ", %s: ", plot->table->columns[column].title);
    put_value(plot, &plot->row.cells[column]);
    put(plot, "\"/>");
}

static void put_head(struct plot *plot, double x, const char *anchor, const char *text)
{
    const struct result_value value = result_string(text);
    PUT(plot, "<text class=\"faint\" x=\"%g\" y=\"16\" text-anchor=\"%s\">", x, anchor);
    put_value(plot, &value);
    put(plot, "</text>");
}

/* ---- bars ---- */

struct bars {
    size_t columns[RESULT_MAX_COLUMNS]; /* with shares, or else with counts */
    double most[RESULT_MAX_COLUMNS];
    size_t count;
};

static void find_columns(const struct result_table *table, enum result_kind kind, struct bars *bars)
{
    for (size_t i = 1; i < table->column_count; i++)
        if (table->columns[i].kind == kind)
            bars->columns[bars->count++] = i;
}

static void find_bars(struct plot *plot, struct bars *bars)
{
    find_columns(plot->table, RESULT_SHARE, bars);
    if (bars->count == 0)
        find_columns(plot->table, RESULT_COUNT, bars);
    for (size_t i = 0; i < plot->table->row_count; i++) {
        take_row(plot, i);
        for (size_t k = 0; k < bars->count; k++)
            bars->most[k] = fmax(bars->most[k], number_of(&plot->row.cells[bars->columns[k]]));
    }
}

static void put_bar(struct plot *plot, const struct bars *bars, size_t k)
{
    const size_t column = bars->columns[k];
    const double width = (double)(WIDTH - NAMES) / (double)bars->count;
    const double room = width - 80; /* for the number behind the longest bar */
    const double value = number_of(&plot->row.cells[column]);
    const double length = bars->most[k] > 0 ? room * value / bars->most[k] : 0;
    const double x = NAMES + (double)k * width;
    PUT(plot, "<rect class=\"mark\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%d\"", x,
        plot->top + (ROW - BAR) / 2.0, length, BAR);
    put_tip(plot, column);
    PUT(plot, "<text x=\"%.2f\" y=\"%.2f\">", x + length + 4, plot->top + 15);
    put_value(plot, &plot->row.cells[column]);
    put(plot, "</text>");
}

static void put_bars(struct plot *plot)
{
    struct bars bars = {.count = 0};
    find_bars(plot, &bars);
    const double width = (double)(WIDTH - NAMES) / (double)(bars.count ? bars.count : 1);
    for (size_t k = 0; k < bars.count; k++)
        put_head(plot, NAMES + (double)k * width, "start",
                 plot->table->columns[bars.columns[k]].title);
    plot->top = HEAD;
    const bool named_by_two = bars.count > 0 && bars.columns[0] > 1;
    for (size_t i = 0; i < plot->table->row_count; i++) {
        take_row(plot, i);
        open_row(plot, named_by_two);
        for (size_t k = 0; k < bars.count; k++)
            put_bar(plot, &bars, k);
        close_row(plot);
    }
}

/* ---- boxes ---- */

enum box_part { BOX_P5, BOX_P25, BOX_MEDIAN, BOX_P75, BOX_P95, BOX_PARTS };

struct boxes {
    size_t columns[BOX_PARTS];
    double low, high; /* logarithms of the ends of the scale */
};

static size_t column_of(const struct result_table *table, const char *key)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].key, key) == 0)
            return i;
    return 0;
}

/* Values below 1 are drawn at 1: a logarithm has no place for 0. */
static double scale(double value)
{
    return value > 1 ? log10(value) : 0;
}

static void find_boxes(struct plot *plot, struct boxes *boxes)
{
    static const char *const keys[BOX_PARTS] = {"p5", "p25", "median", "p75", "p95"};
    for (int part = 0; part < BOX_PARTS; part++)
        boxes->columns[part] = column_of(plot->table, keys[part]);
    boxes->low = INFINITY;
    for (size_t i = 0; i < plot->table->row_count; i++) {
        take_row(plot, i);
        if (plot->row.cells[boxes->columns[BOX_P5]].kind == RESULT_NOTHING)
            continue;
        boxes->low =
            fmin(boxes->low, floor(scale(number_of(&plot->row.cells[boxes->columns[BOX_P5]]))));
        boxes->high =
            fmax(boxes->high, ceil(scale(number_of(&plot->row.cells[boxes->columns[BOX_P95]]))));
    }
    if (boxes->low > boxes->high)
        boxes->low = boxes->high;
    if (boxes->high - boxes->low < 1)
        boxes->high = boxes->low + 1;
}

static double box_x(const struct boxes *boxes, double value)
{
    const double share = (scale(value) - boxes->low) / (boxes->high - boxes->low);
    return NAMES + 10 + share * (WIDTH - NAMES - 60);
}

/* A power of ten: "1,000", or "1 ms" of nanoseconds. */
static void put_tick(struct plot *plot, int power, enum result_kind kind)
{
    static const char *const units[] = {" ns", " µs", " ms", " s"};
    const int unit = kind != RESULT_DURATION ? 0 : power / 3 < 3 ? power / 3 : 3;
    const struct result_value value = result_count((uint64_t)llround(pow(10, power - 3 * unit)));
    put_value(plot, &value);
    put(plot, kind == RESULT_DURATION ? units[unit] : "");
}

static void put_scale(struct plot *plot, const struct boxes *boxes, enum result_kind kind)
{
    const double bottom = HEAD + (double)plot->table->row_count * ROW;
    const int low = (int)boxes->low, high = (int)boxes->high;
    const int step = (high - low) / 8 + 1;
    for (int power = low; power <= high; power += step) {
        const double x = box_x(boxes, pow(10, power));
        PUT(plot, "<line class=\"grid\" x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%g\"/>", x, HEAD - 4,
            x, bottom);
        PUT(plot, "<text class=\"faint\" x=\"%.2f\" y=\"14\" text-anchor=\"middle\">", x);
        put_tick(plot, power, kind);
        put(plot, "</text>");
    }
}

static void put_box(struct plot *plot, const struct boxes *boxes)
{
    double x[BOX_PARTS];
    for (int part = 0; part < BOX_PARTS; part++)
        x[part] = box_x(boxes, number_of(&plot->row.cells[boxes->columns[part]]));
    const double middle = plot->top + ROW / 2.0, top = plot->top + (ROW - BAR) / 2.0;
    PUT(plot, "<line class=\"whisker\" x1=\"%.2f\" y1=\"%g\" x2=\"%.2f\" y2=\"%g\"", x[BOX_P5],
        middle, x[BOX_P95], middle);
    put_tip(plot, boxes->columns[BOX_P95]);
    PUT(plot, "<rect class=\"mark\" x=\"%.2f\" y=\"%g\" width=\"%.2f\" height=\"%d\"", x[BOX_P25],
        top, fmax(x[BOX_P75] - x[BOX_P25], 2), BAR);
    put_tip(plot, boxes->columns[BOX_P75]);
    PUT(plot, "<line class=\"median\" x1=\"%.2f\" y1=\"%g\" x2=\"%.2f\" y2=\"%g\"", x[BOX_MEDIAN],
        top, x[BOX_MEDIAN], top + BAR);
    put_tip(plot, boxes->columns[BOX_MEDIAN]);
}

static void put_boxes(struct plot *plot)
{
    struct boxes boxes = {.high = 0};
    find_boxes(plot, &boxes);
    put_scale(plot, &boxes, plot->table->columns[boxes.columns[BOX_MEDIAN]].kind);
    plot->top = HEAD;
    for (size_t i = 0; i < plot->table->row_count; i++) {
        take_row(plot, i);
        open_row(plot, false);
        if (plot->row.cells[boxes.columns[BOX_MEDIAN]].kind != RESULT_NOTHING)
            put_box(plot, &boxes);
        close_row(plot);
    }
}

/* ---- heat maps ---- */

/* Fields stand by the place of a name, or from one time to another. */
struct heat {
    size_t value; /* its column */
    bool by_name;
    char names[MOST_COLUMNS][NAME_TEXT];
    size_t columns;
    int64_t first_ns, last_ns;
    double most; /* the largest value */
};

static size_t find_name(const struct heat *heat, const struct result_value *value)
{
    size_t i = 0;
    while (i < heat->columns && !is_same_text(value, heat->names[i], strlen(heat->names[i])))
        i++;
    return i;
}

static void add_name(struct heat *heat, const struct result_value *value)
{
    if (find_name(heat, value) < heat->columns || heat->columns == MOST_COLUMNS ||
        value->text_len >= NAME_TEXT)
        return;
    memcpy(heat->names[heat->columns], value->as.text, value->text_len);
    heat->names[heat->columns++][value->text_len] = '\0';
}

static void add_times(struct heat *heat, int64_t from, int64_t to)
{
    if (from < heat->first_ns)
        heat->first_ns = from;
    if (to > heat->last_ns)
        heat->last_ns = to;
}

static size_t first_of_kind(const struct result_table *table, enum result_kind kind)
{
    size_t i = 0;
    while (i + 1 < table->column_count && table->columns[i].kind != kind)
        i++;
    return i;
}

static void find_heat(struct plot *plot, struct heat *heat)
{
    heat->value = first_of_kind(plot->table, RESULT_COUNT);
    heat->by_name = plot->table->columns[1].kind == RESULT_TEXT;
    heat->first_ns = INT64_MAX;
    heat->last_ns = INT64_MIN;
    for (size_t i = 0; i < plot->table->row_count; i++) {
        take_row(plot, i);
        const struct result_value *cells = plot->row.cells;
        if (heat->by_name)
            add_name(heat, &cells[1]);
        else
            add_times(heat, cells[1].as.i, cells[2].as.i);
        heat->most = fmax(heat->most, number_of(&cells[heat->value]));
    }
}

/* Differences of times may be larger than an int64_t holds. */
static double time_x(const struct heat *heat, int64_t ns)
{
    const uint64_t span = (uint64_t)heat->last_ns - (uint64_t)heat->first_ns;
    const uint64_t after = (uint64_t)ns - (uint64_t)heat->first_ns;
    return NAMES + (span ? (double)after / (double)span : 0) * (WIDTH - NAMES);
}

static double name_x(const struct heat *heat, size_t column)
{
    const double width = (double)(WIDTH - NAMES) / (double)(heat->columns ? heat->columns : 1);
    return NAMES + (double)column * fmin(width, 120);
}

static void put_field(struct plot *plot, const struct heat *heat)
{
    const struct result_value *cells = plot->row.cells;
    const size_t column = heat->by_name ? find_name(heat, &cells[1]) : 0;
    if (heat->by_name && column == heat->columns) /* there is no room; the table has it */
        return;
    const double from = heat->by_name ? name_x(heat, column) : time_x(heat, cells[1].as.i);
    const double to = heat->by_name ? name_x(heat, column + 1) : time_x(heat, cells[2].as.i);
    PUT(plot,
        "<rect class=\"mark\" x=\"%.2f\" y=\"%g\" width=\"%.2f\" height=\"%d\" "
        "fill-opacity=\"%.2f\"",
        from, plot->top + 2, fmax(to - from - 1, 1), ROW - 4,
        0.15 + 0.85 * log1p(number_of(&cells[heat->value])) / log1p(heat->most));
    put(plot, " data-tip=\"");
    put_name(plot, true);
    PUT(plot, ", %s: ", plot->table->columns[heat->value].title);
    put_value(plot, &cells[heat->value]);
    put(plot, "\"/>");
}

static void put_end(struct plot *plot, int64_t ns, int x, const char *anchor)
{
    const struct result_value end = result_time(ns);
    PUT(plot, "<text class=\"faint\" x=\"%d\" y=\"16\" text-anchor=\"%s\">", x, anchor);
    put_value(plot, &end);
    put(plot, "</text>");
}

static void put_heat_heads(struct plot *plot, const struct heat *heat)
{
    for (size_t i = 0; i < heat->columns; i++)
        put_head(plot, name_x(heat, i), "start", heat->names[i]);
    if (heat->by_name || plot->table->row_count == 0)
        return;
    put_end(plot, heat->first_ns, NAMES, "start");
    put_end(plot, heat->last_ns, WIDTH, "end");
}

/* Rows of one name follow each other. */
static void put_heat(struct plot *plot)
{
    struct heat heat = {.columns = 0};
    struct buffer name = {0};
    find_heat(plot, &heat);
    put_heat_heads(plot, &heat);
    plot->top = HEAD;
    for (size_t i = 0; i < plot->table->row_count && plot->status == LCAP_OK; i++) {
        take_row(plot, i);
        const struct result_value *first = &plot->row.cells[0];
        const bool begins = i == 0 || !is_same_text(first, (const char *)name.data, name.len);
        if (begins && i > 0)
            close_row(plot);
        if (begins)
            open_row(plot, false);
        put_field(plot, &heat);
        buffer_clear(&name);
        if (plot->status == LCAP_OK)
            plot->status = buffer_append(&name, first->as.text, first->text_len, plot->error);
    }
    if (plot->table->row_count > 0)
        close_row(plot);
    buffer_release(&name);
}

/* ---- the picture ---- */

static int put_picture(struct buffer *out, const struct result_item *item, const struct plot *plot,
                       struct lcap_error *error)
{
    int rc = buffer_printf(out, error,
                           "<svg viewBox=\"0 0 %d %g\" role=\"img\">"
                           "<title>",
                           WIDTH, plot->top + 4);
    if (rc == LCAP_OK)
        rc = html_append_string(out, item->title, error);
    if (rc == LCAP_OK)
        rc = buffer_append_text(out, "</title>\n<desc>The table below has the values.</desc>\n",
                                error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, plot->body->data, plot->body->len, error);
    return rc == LCAP_OK ? buffer_append_text(out, "</svg>\n", error) : rc;
}

int html_plot_append(struct buffer *out, const struct result_item *item, struct lcap_error *error)
{
    static void (*const draw[])(struct plot *) = {[RESULT_PLOT_BARS] = put_bars,
                                                  [RESULT_PLOT_BOXES] = put_boxes,
                                                  [RESULT_PLOT_HEAT] = put_heat};
    if (item->plot == RESULT_PLOT_NONE)
        return LCAP_OK;
    struct buffer body = {0};
    struct plot plot = {.body = &body, .table = &item->table, .error = error};
    draw[item->plot](&plot);
    const int rc = plot.status == LCAP_OK ? put_picture(out, item, &plot, error) : plot.status;
    buffer_release(&body);
    return rc;
}
