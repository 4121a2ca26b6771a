/* Packed rows by their sizes. */
#include "tabulate/pandas_rows.h"

#include "base/io/chains.h"
#include "base/memory.h"
#include "features/nexusflowmeter/nexusflowmeter_order.h"
#include "tabulate/row_copy.h"
#include <stdlib.h>
#include <string.h>

struct flows_frame {
    struct chains *chains;
    struct nexus_sized *items; /* each a struct chain: a row at an address of its own */
    size_t count, capacity;
    bool real[FLOWS_MAX_CELLS]; /* columns with a real number */
    struct flows_rows *rows;    /* on their way out */
    struct buffer packed;       /* the row at hand */
};

int flows_frame_new(struct flows_frame **frame, const struct flows_plan *plan,
                    flows_rows_taker *take, void *context, struct lcap_error *error)
{
    struct flows_frame *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    int rc = chains_new(&new->chains, plan->args.memory, plan->tmpdir, error);
    if (rc == LCAP_OK)
        rc = flows_rows_new(&new->rows, plan, NULL, take, context, error);
    if (rc == LCAP_OK)
        *frame = new;
    else
        flows_frame_free(new);
    return rc;
}

static void note_kinds(struct flows_frame *frame, const struct lcap_flow_row *row)
{
    for (size_t i = 0; i < row->row.count; i++)
        frame->real[i] |= row->row.cells[i].kind == LCAP_CELL_REAL;
}

int flows_frame_add(struct flows_frame *frame, const void *bytes, size_t len,
                    struct lcap_error *error)
{
    struct lcap_cell cells[FLOWS_MAX_CELLS];
    struct lcap_flow_row row;
    int rc = memory_grow((void **)&frame->items, &frame->capacity, frame->count + 1,
                         sizeof *frame->items, error);
    struct chain *chain = rc == LCAP_OK ? memory_new(1, sizeof *chain, error) : NULL;
    if (!chain)
        return LCAP_ERR_MEMORY;
    flows_row_unpack(bytes, cells, &row);
    note_kinds(frame, &row);
    frame->items[frame->count++] = (struct nexus_sized){row.bytes, chain};
    return chains_append(frame->chains, chain, bytes, len, error);
}

static int read_packed(struct flows_frame *frame, const struct chain *chain,
                       struct lcap_error *error)
{
    struct chain_reader reader;
    const size_t len = (size_t)chain->len;
    buffer_clear(&frame->packed);
    int rc = buffer_reserve(&frame->packed, len, error);
    if (rc == LCAP_OK)
        rc = chain_reader_begin(&reader, frame->chains, chain, error);
    return rc == LCAP_OK ? chain_reader_copy(&reader, frame->packed.data, len, error) : rc;
}

static int write_row(struct flows_frame *frame, struct chain *chain, struct lcap_error *error)
{
    struct lcap_cell cells[FLOWS_MAX_CELLS];
    struct lcap_flow_row row;
    int rc = read_packed(frame, chain, error);
    if (rc < 0)
        return rc;
    const char *part = (const char *)flows_row_unpack(frame->packed.data, cells, &row);
    for (size_t i = 0; i < row.row.count; i++)
        if (frame->real[i] && cells[i].kind == LCAP_CELL_UNSIGNED)
            cells[i] = cell_real((double)cells[i].value.u);
    return flows_rows_write(frame->rows, part, &row, error);
}

static void forget_rows(struct flows_frame *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        chains_drop(frame->chains, frame->items[i].item);
        free(frame->items[i].item);
    }
    frame->count = 0;
    memset(frame->real, 0, sizeof frame->real);
}

int flows_frame_write(struct flows_frame *frame, struct lcap_error *error)
{
    int rc = LCAP_OK;
    nexus_order_by_size(frame->items, frame->count);
    for (size_t i = 0; i < frame->count && rc == LCAP_OK; i++)
        rc = write_row(frame, frame->items[i].item, error);
    forget_rows(frame);
    return rc == LCAP_OK ? flows_rows_finish(frame->rows, error) : rc;
}

void flows_frame_free(struct flows_frame *frame)
{
    if (!frame)
        return;
    forget_rows(frame);
    free(frame->items);
    flows_rows_free(frame->rows);
    chains_free(frame->chains);
    buffer_release(&frame->packed);
    free(frame);
}
