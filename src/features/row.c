/* From a profile's own row to cells in the order of its columns. */
#include "features/profile.h"
#include <string.h>

enum { MAX_COLUMNS = 512 };

int row_emit(const struct engine_setup *setup, const struct lcap_column *columns, const void *row,
             struct lcap_flow_row *summary, struct lcap_error *error)
{
    struct lcap_cell cells[MAX_COLUMNS];
    size_t count = 0;
    for (const struct lcap_column *column = columns; column->name && count < MAX_COLUMNS; column++)
        memcpy(&cells[count++], (const char *)row + column->offset, sizeof *cells);
    summary->cells = cells;
    summary->count = count;
    setup->counts->flows++;
    return setup->sink(setup->sink_context, summary, error);
}
