/* Rows of one group for writing them. */
#include "tabulate/row_sink.h"
#include "base/text/text.h"

#include "base/memory.h"
#include "base/number/number.h"
#include "features/row_copy.h"
#include "tabulate/largest_rows.h"
#include <stdlib.h>
#include <string.h>

struct row_sink {
    const struct table_plan *plan;
    const struct input_group *group;
    struct buffer source; /* its name in UTF-8, for the column source_file */
    const struct row_taker *taker;
    struct table_encoder encoder;
    struct largest_rows *largest; /* waiting rows, if only the largest are wanted */
    const char *part;             /* of the current row */
    char part_text[U64_TEXT];
    uint64_t buffered; /* rows in the encoder's buffer */
    uint64_t passed, written;
    struct row_press press;
};

static int flush_table(void *context, struct buffer *buffer, struct lcap_error *error)
{
    struct row_sink *sink = context;
    const struct row_taker *taker = sink->taker;
    const uint64_t rows = sink->buffered;
    const int rc = buffer->len ? taker->encoded(taker->context, sink->part, rows, buffer->data,
                                                buffer->len, error)
                               : LCAP_OK;
    sink->buffered = 0;
    buffer_clear(buffer);
    return rc;
}

int row_sink_new(struct row_sink **sink, const struct table_plan *plan,
                 const struct input_group *group, const struct row_taker *taker,
                 struct lcap_error *error)
{
    struct row_sink *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    *new = (struct row_sink){.plan = plan, .group = group, .taker = taker, .part = ""};
    new->encoder =
        (struct table_encoder){.schema = &plan->schema, .flush = flush_table, .context = new};
    const uint64_t largest = group ? plan->options->max_flows : 0;
    int rc = largest ? largest_rows_new(&new->largest, largest, plan->waits, error) : LCAP_OK;
    if (rc == LCAP_OK && group)
        rc = text_append_utf8(&new->source, group->name, strlen(group->name), error);
    if (rc == LCAP_OK)
        *sink = new;
    else
        row_sink_free(new);
    return rc;
}

/* Whether a flow has one of the wanted protocols. ICMPv6 counts as ICMP. */
static bool has_protocol(unsigned protocols, const struct lcap_flow_row *row)
{
    static const struct {
        const char *name;
        unsigned bit;
    } names[] = {{"TCP", PROTOCOL_TCP},
                 {"UDP", PROTOCOL_UDP},
                 {"ICMP", PROTOCOL_ICMP},
                 {"ICMPv6", PROTOCOL_ICMP},
                 {"ARP", PROTOCOL_ARP}};
    unsigned bits = PROTOCOL_ALL | (row->dns ? PROTOCOL_DNS : 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(row->protocol, names[i].name) == 0)
            bits |= names[i].bit;
    return !protocols || (bits & protocols) != 0;
}

static bool is_wanted(const struct tabulate_options *options, const struct lcap_flow_row *row)
{
    const struct idmap *samples = options->samples;
    return has_protocol(options->protocols, row) &&
           (!samples || (row->has_label && idmap_find(samples, row->sample_id) != IDMAP_NONE));
}

/* The part of the output to which a row belongs; in compat mode, a class is its number. */
static const char *part_of(struct row_sink *sink, const struct lcap_flow_row *row)
{
    switch (sink->plan->options->layout) {
    case LAYOUT_ONE:
        return "";
    case LAYOUT_INPUT:
        return sink->group->name;
    case LAYOUT_PROTOCOL:
        return row->protocol;
    case LAYOUT_SAMPLE:
        if (!row->has_label)
            return "unlabelled";
        number_from_unsigned(row->sample_id, sink->part_text);
        return sink->part_text;
    case LAYOUT_CLASS:
        break;
    }
    if (table_plan_numbers_classes(sink->plan)) {
        number_from_unsigned(sink->group->class_number, sink->part_text);
        return sink->part_text;
    }
    if (row->has_label && row->metadata[0])
        return row->metadata;
    const char *metadata = sink->group->metadata;
    return metadata && metadata[0] ? metadata : "unlabelled";
}

static int tell_listener(const struct row_sink *sink, const struct row_listener *listener,
                         const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct lcap_flow_row counts = *row;
    counts.row = (struct lcap_row){0};
    counts.metadata = "";
    return sink->taker->row(sink->taker->context, listener, "",
                            listener->counts_only ? &counts : row, error);
}

static int tell_listeners(struct row_sink *sink, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    const struct tabulate_options *options = sink->plan->options;
    int rc = LCAP_OK;
    for (size_t i = 0; i < options->listener_count && rc == LCAP_OK; i++) {
        const struct row_listener *listener = &options->listeners[i];
        if (!listener->most || sink->written < listener->most)
            rc = tell_listener(sink, listener, row, error);
    }
    sink->written++;
    return rc;
}

/* With several parts or files, each row is passed on separately; otherwise many together. */
static bool goes_alone(const struct tabulate_options *options)
{
    return options->layout != LAYOUT_ONE || options->rows_per_file;
}

/* A row is about to come into the encoder's buffer. */
static void begin_row(struct row_sink *sink, const char *part)
{
    sink->part = goes_alone(sink->plan->options) ? part : "";
    sink->buffered++;
}

static int end_row(struct row_sink *sink, struct lcap_error *error)
{
    const bool due = goes_alone(sink->plan->options) || sink->encoder.buffer.len > TABLE_FLUSH;
    return due ? flush_table(sink, &sink->encoder.buffer, error) : LCAP_OK;
}

int row_sink_write(struct row_sink *sink, const char *part, const struct lcap_flow_row *row,
                   struct lcap_error *error)
{
    int rc = tell_listeners(sink, row, error);
    if (rc < 0 || !sink->plan->options->output)
        return rc;
    begin_row(sink, part);
    rc = table_encode(&sink->encoder, &row->row, error);
    return rc == LCAP_OK ? end_row(sink, error) : rc;
}

static int pass_on(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *sink = context;
    const char *part = part_of(sink, row);
    sink->passed++;
    return sink->plan->waits ? sink->taker->row(sink->taker->context, NULL, part, row, error)
                             : row_sink_write(sink, part, row, error);
}

/* Adds the name of the input to a row, if that is wanted, with its cells in `cells`. */
static struct lcap_flow_row with_source(const struct row_sink *sink,
                                        const struct lcap_flow_row *row,
                                        struct lcap_cell cells[ROW_COPY_CELLS])
{
    struct lcap_flow_row longer = *row;
    if (!sink->plan->options->columns->source_file)
        return longer;
    memcpy(cells, row->row.cells, row->row.count * sizeof *cells);
    cells[row->row.count] = (struct lcap_cell){.kind = LCAP_CELL_TEXT,
                                               .text_len = (uint32_t)sink->source.len,
                                               .value.text = (const char *)sink->source.data};
    longer.row.cells = cells;
    longer.row.count++;
    return longer;
}

int row_sink_take(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *sink = context;
    struct lcap_cell cells[ROW_COPY_CELLS];
    if (!is_wanted(sink->plan->options, row))
        return LCAP_OK;
    const struct lcap_flow_row longer = with_source(sink, row, cells);
    return sink->largest ? largest_rows_add(sink->largest, &longer, error)
                         : pass_on(sink, &longer, error);
}

/* A pressed row: its counts, then its encoded cells. */
static int press(void *context, const struct lcap_flow_row *row, struct buffer *out,
                 struct lcap_error *error)
{
    const struct row_sink *sink = context;
    struct lcap_cell cells[ROW_COPY_CELLS];
    if (!is_wanted(sink->plan->options, row))
        return LCAP_OK;
    int rc = buffer_append(out, row, sizeof *row, error);
    if (rc < 0 || !sink->plan->options->output)
        return rc;
    const struct lcap_flow_row longer = with_source(sink, row, cells);
    struct table_encoder encoder = {.schema = &sink->plan->schema, .buffer = *out};
    rc = table_encode(&encoder, &longer.row, error);
    *out = encoder.buffer;
    return rc;
}

static int take_pressed(void *context, const void *bytes, size_t len, struct lcap_error *error)
{
    struct row_sink *sink = context;
    struct lcap_flow_row row;
    memcpy(&row, bytes, sizeof row);
    int rc = tell_listeners(sink, &row, error);
    sink->passed++;
    if (rc < 0 || !sink->plan->options->output)
        return rc;
    begin_row(sink, part_of(sink, &row));
    rc = buffer_append(&sink->encoder.buffer, (const uint8_t *)bytes + sizeof row, len - sizeof row,
                       error);
    return rc == LCAP_OK ? end_row(sink, error) : rc;
}

const struct row_press *row_sink_press(struct row_sink *sink)
{
    const struct tabulate_options *options = sink->plan->options;
    bool counts_only = true;
    for (size_t i = 0; i < options->listener_count; i++)
        counts_only = counts_only && options->listeners[i].counts_only;
    sink->press = (struct row_press){.press = press, .take = take_pressed, .context = sink};
    return counts_only && !sink->largest && !sink->plan->waits ? &sink->press : NULL;
}

int row_sink_finish(struct row_sink *sink, struct lcap_error *error)
{
    const int rc = sink->largest ? largest_rows_each(sink->largest, pass_on, sink, error) : LCAP_OK;
    return rc == LCAP_OK ? flush_table(sink, &sink->encoder.buffer, error) : rc;
}

uint64_t row_sink_rows(const struct row_sink *sink)
{
    return sink->passed;
}

void row_sink_free(struct row_sink *sink)
{
    if (!sink)
        return;
    buffer_release(&sink->encoder.buffer);
    largest_rows_free(sink->largest);
    buffer_release(&sink->source);
    free(sink);
}
