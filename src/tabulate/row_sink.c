/* Rows of one group for writing them. */
#include "tabulate/row_sink.h"

#include "base/memory.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "tabulate/largest_rows.h"
#include "tabulate/row_copy.h"
#include <stdlib.h>
#include <string.h>

struct row_sink {
    const struct flows_plan *plan;
    const struct input_group *group;
    row_taker *take;
    void *context;
    struct table_encoder table, preview;
    struct largest_rows *largest; /* with --max-flows: waiting rows */
    const char *part;             /* of the current row */
    char part_text[U64_TEXT];
    struct buffer packed;                /* a row on its way to pandas_rows.h */
    uint64_t buffered, preview_buffered; /* rows in the encoders' buffers */
    uint64_t previewed, written;
};

static int hand_on(struct row_sink *rows, enum row_destination to, const char *part, uint64_t count,
                   struct buffer *buffer, struct lcap_error *error)
{
    const int rc =
        buffer->len ? rows->take(rows->context, to, part, count, buffer->data, buffer->len, error)
                    : LCAP_OK;
    buffer_clear(buffer);
    return rc;
}

static int flush_table(void *context, struct buffer *buffer, struct lcap_error *error)
{
    struct row_sink *rows = context;
    const uint64_t count = rows->buffered;
    rows->buffered = 0;
    return hand_on(rows, TO_TABLE, rows->part, count, buffer, error);
}

static int flush_preview(void *context, struct buffer *buffer, struct lcap_error *error)
{
    struct row_sink *rows = context;
    const uint64_t count = rows->preview_buffered;
    rows->preview_buffered = 0;
    return hand_on(rows, TO_PREVIEW, "", count, buffer, error);
}

int row_sink_new(struct row_sink **rows, const struct flows_plan *plan,
                 const struct input_group *group, row_taker *take, void *context,
                 struct lcap_error *error)
{
    struct row_sink *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    *new = (struct row_sink){
        .plan = plan, .group = group, .take = take, .context = context, .part = ""};
    new->table =
        (struct table_encoder){.schema = &plan->schema, .flush = flush_table, .context = new};
    new->preview =
        (struct table_encoder){.schema = &plan->preview, .flush = flush_preview, .context = new};
    int rc = LCAP_OK;
    if (group && plan->args.max_flows)
        rc = largest_rows_new(&new->largest, plan->args.max_flows, plan->pandas, error);
    if (rc == LCAP_OK)
        *rows = new;
    else
        row_sink_free(new);
    return rc;
}

/* Whether a flow has one of the wanted protocols. ICMPv6 counts as ICMP. */
static bool is_wanted(const struct flows_plan *plan, const struct lcap_flow_row *row)
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
    return (bits & plan->protocols) != 0;
}

/* The part of the output to which a row belongs; in compat mode, a class is its number. */
static const char *part_of(struct row_sink *rows, const struct lcap_flow_row *row)
{
    const struct flows_plan *plan = rows->plan;
    switch (plan->layout) {
    case LAYOUT_ONE:
        return "";
    case LAYOUT_INPUT:
        return rows->group->name;
    case LAYOUT_PROTOCOL:
        return row->protocol;
    case LAYOUT_SAMPLE:
        if (!row->has_label)
            return "unlabelled";
        number_from_unsigned(row->sample_id, rows->part_text);
        return rows->part_text;
    case LAYOUT_LABEL:
        break;
    }
    if (flows_plan_numbers_classes(plan)) {
        number_from_unsigned(rows->group->class_number, rows->part_text);
        return rows->part_text;
    }
    if (row->has_label && row->metadata[0])
        return row->metadata;
    const char *label = rows->group->label;
    return label && label[0] ? label : "unlabelled";
}

static int report_row(struct row_sink *rows, const struct lcap_flow_row *row,
                      struct lcap_error *error)
{
    struct lcap_flow_row summary = *row;
    summary.row.cells = NULL;
    summary.metadata = "";
    summary.row.pieces = NULL;
    return rows->take(rows->context, TO_SUMMARY, "", 1, &summary, sizeof summary, error);
}

/* With several parts or files, each row is passed on separately; otherwise many together. */
static bool goes_alone(const struct flows_plan *plan)
{
    return plan->layout != LAYOUT_ONE || plan->args.rows_per_file;
}

int row_sink_write(struct row_sink *rows, const char *part, const struct lcap_flow_row *row,
                   struct lcap_error *error)
{
    const struct flows_plan *plan = rows->plan;
    int rc = LCAP_OK;
    if (rows->previewed < plan->args.preview) {
        rows->previewed++;
        rows->preview_buffered++;
        rc = table_encode(&rows->preview, &row->row, error);
        if (rc == LCAP_OK)
            rc = flush_preview(rows, &rows->preview.buffer, error);
    }
    if (rc == LCAP_OK && plan->args.report)
        rc = report_row(rows, row, error);
    if (rc < 0 || !plan->writes)
        return rc;
    rows->part = goes_alone(plan) ? part : "";
    rows->buffered++;
    rc = table_encode(&rows->table, &row->row, error);
    if (rc == LCAP_OK && goes_alone(plan))
        rc = flush_table(rows, &rows->table.buffer, error);
    return rc;
}

/* Followed by the name of its part. */
static int send_to_pandas(struct row_sink *rows, const char *part, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    int rc = row_copy_pack(row, &rows->packed, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&rows->packed, part, strlen(part) + 1, error);
    return rc == LCAP_OK ? hand_on(rows, TO_PANDAS, "", 1, &rows->packed, error) : rc;
}

static int pass_on(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *rows = context;
    const char *part = part_of(rows, row);
    rows->written++;
    return rows->plan->pandas ? send_to_pandas(rows, part, row, error)
                              : row_sink_write(rows, part, row, error);
}

static int pass_on_or_keep(struct row_sink *rows, const struct lcap_flow_row *row,
                           struct lcap_error *error)
{
    return rows->largest ? largest_rows_add(rows->largest, row, error) : pass_on(rows, row, error);
}

int row_sink_take(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct row_sink *rows = context;
    if (!is_wanted(rows->plan, row))
        return LCAP_OK;
    if (!rows->plan->args.merge)
        return pass_on_or_keep(rows, row, error);
    struct lcap_cell cells[ROW_COPY_CELLS];
    const char *name = rows->group->name;
    memcpy(cells, row->row.cells, row->row.count * sizeof *cells);
    cells[row->row.count] = (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)strlen(name), .value.text = name};
    struct lcap_flow_row longer = *row;
    longer.row.cells = cells;
    longer.row.count++;
    return pass_on_or_keep(rows, &longer, error);
}

int row_sink_finish(struct row_sink *rows, struct lcap_error *error)
{
    int rc = rows->largest ? largest_rows_each(rows->largest, pass_on, rows, error) : LCAP_OK;
    return rc == LCAP_OK ? flush_table(rows, &rows->table.buffer, error) : rc;
}

uint64_t row_sink_written(const struct row_sink *rows)
{
    return rows->written;
}

void row_sink_free(struct row_sink *rows)
{
    if (!rows)
        return;
    buffer_release(&rows->table.buffer);
    buffer_release(&rows->preview.buffer);
    buffer_release(&rows->packed);
    largest_rows_free(rows->largest);
    free(rows);
}
