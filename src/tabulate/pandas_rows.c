/* Packed rows, sorted by size. */
#include "tabulate/pandas_rows.h"

#include "base/io/chains.h"
#include "base/memory.h"
#include "features/nexusflowmeter/nexusflowmeter_order.h"
#include "features/row_copy.h"
#include <stdlib.h>
#include <string.h>

struct pandas_rows {
    struct chains *chains;
    struct nexus_sized *items; /* each a struct chain: a row at a fixed address */
    size_t count, capacity;
    bool real[ROW_COPY_CELLS]; /* columns with a real number */
    struct row_sink *sink;     /* for writing them */
    struct buffer packed;      /* the current row */
};

int pandas_rows_new(struct pandas_rows **pandas, const struct table_plan *plan,
                    const struct row_taker *taker, struct lcap_error *error)
{
    struct pandas_rows *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    int rc = chains_new(&new->chains, plan->flow.memory, plan->flow.tmpdir, error);
    if (rc == LCAP_OK)
        rc = row_sink_new(&new->sink, plan, NULL, taker, error);
    if (rc == LCAP_OK)
        *pandas = new;
    else
        pandas_rows_free(new);
    return rc;
}

static void note_kinds(struct pandas_rows *pandas, const struct lcap_flow_row *row)
{
    for (size_t i = 0; i < row->row.count; i++)
        pandas->real[i] |= row->row.cells[i].kind == LCAP_CELL_REAL;
}

static struct chain *add_item(struct pandas_rows *pandas, uint64_t size, struct lcap_error *error)
{
    const int rc = memory_grow((void **)&pandas->items, &pandas->capacity, pandas->count + 1,
                               sizeof *pandas->items, error);
    struct chain *chain = rc == LCAP_OK ? memory_new(1, sizeof *chain, error) : NULL;
    if (chain)
        pandas->items[pandas->count++] = (struct nexus_sized){size, chain};
    return chain;
}

int pandas_rows_add(struct pandas_rows *pandas, const char *part, const struct lcap_flow_row *row,
                    struct lcap_error *error)
{
    struct chain *chain = add_item(pandas, row->bytes, error);
    if (!chain)
        return LCAP_ERR_MEMORY;
    note_kinds(pandas, row);
    buffer_clear(&pandas->packed);
    const int rc = row_copy_pack(row, part, &pandas->packed, error);
    return rc == LCAP_OK ? chains_append(pandas->chains, chain, pandas->packed.data,
                                         pandas->packed.len, error)
                         : rc;
}

static int read_packed(struct pandas_rows *pandas, const struct chain *chain,
                       struct lcap_error *error)
{
    struct chain_reader reader;
    const size_t len = (size_t)chain->len;
    buffer_clear(&pandas->packed);
    int rc = buffer_reserve(&pandas->packed, len, error);
    if (rc == LCAP_OK)
        rc = chain_reader_begin(&reader, pandas->chains, chain, error);
    return rc == LCAP_OK ? chain_reader_copy(&reader, pandas->packed.data, len, error) : rc;
}

static int write_row(struct pandas_rows *pandas, struct chain *chain, struct lcap_error *error)
{
    struct lcap_cell cells[ROW_COPY_CELLS];
    struct lcap_flow_row row;
    int rc = read_packed(pandas, chain, error);
    if (rc < 0)
        return rc;
    const char *part = row_copy_unpack(pandas->packed.data, cells, &row);
    for (size_t i = 0; i < row.row.count; i++)
        if (pandas->real[i] && cells[i].kind == LCAP_CELL_UNSIGNED)
            cells[i] = cell_real((double)cells[i].value.u);
    return row_sink_write(pandas->sink, part, &row, error);
}

static void forget_rows(struct pandas_rows *pandas)
{
    for (size_t i = 0; i < pandas->count; i++) {
        chains_drop(pandas->chains, pandas->items[i].item);
        free(pandas->items[i].item);
    }
    pandas->count = 0;
    memset(pandas->real, 0, sizeof pandas->real);
}

int pandas_rows_write(struct pandas_rows *pandas, struct lcap_error *error)
{
    int rc = LCAP_OK;
    nexus_order_by_size(pandas->items, pandas->count);
    for (size_t i = 0; i < pandas->count && rc == LCAP_OK; i++)
        rc = write_row(pandas, pandas->items[i].item, error);
    forget_rows(pandas);
    return rc == LCAP_OK ? row_sink_finish(pandas->sink, error) : rc;
}

void pandas_rows_free(struct pandas_rows *pandas)
{
    if (!pandas)
        return;
    forget_rows(pandas);
    free(pandas->items);
    row_sink_free(pandas->sink);
    chains_free(pandas->chains);
    buffer_release(&pandas->packed);
    free(pandas);
}
