/* Rows of one group for writing them. */
#include "tabulate/row_sink.h"
#include "base/text/text.h"

#include "base/memory.h"
#include "base/number/number.h"
#include "tabulate/largest_rows.h"
#include "tabulate/row_copy.h"
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
static bool is_wanted(unsigned protocols, const struct lcap_flow_row *row)
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

int row_sink_write(struct row_sink *sink, const char *part, const struct lcap_flow_row *row,
                   struct lcap_error *error)
{
    const struct tabulate_options *options = sink->plan->options;
    int rc = tell_listeners(sink, row, error);
    if (rc < 0 || !options->output)
        return rc;
    sink->part = goes_alone(options) ? part : "";
    sink->buffered++;
    rc = table_encode(&sink->encoder, &row->row, error);
    if (rc == LCAP_OK && goes_alone(options))
        rc = flush_table(sink, &sink->encoder.buffer, error);
    return rc;
}

static int pass_on(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *sink = context;
    const char *part = part_of(sink, row);
    sink->passed++;
    return sink->plan->waits ? sink->taker->row(sink->taker->context, NULL, part, row, error)
                             : row_sink_write(sink, part, row, error);
}

static int pass_on_or_keep(struct row_sink *sink, const struct lcap_flow_row *row,
                           struct lcap_error *error)
{
    return sink->largest ? largest_rows_add(sink->largest, row, error) : pass_on(sink, row, error);
}

int row_sink_take(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *sink = context;
    const struct tabulate_options *options = sink->plan->options;
    if (!is_wanted(options->protocols, row))
        return LCAP_OK;
    if (!options->columns->source_file)
        return pass_on_or_keep(sink, row, error);
    struct lcap_cell cells[ROW_COPY_CELLS];
    memcpy(cells, row->row.cells, row->row.count * sizeof *cells);
    cells[row->row.count] = (struct lcap_cell){.kind = LCAP_CELL_TEXT,
                                               .text_len = (uint32_t)sink->source.len,
                                               .value.text = (const char *)sink->source.data};
    struct lcap_flow_row longer = *row;
    longer.row.cells = cells;
    longer.row.count++;
    return pass_on_or_keep(sink, &longer, error);
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
