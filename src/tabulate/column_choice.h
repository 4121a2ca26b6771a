/* Which columns of a profile are written, and how. */
#ifndef TABULATE_COLUMN_CHOICE_H
#define TABULATE_COLUMN_CHOICE_H

#include "cmd/flows_args.h"
#include "table/table.h"
#include <labelcap/flow.h>

struct column_choice {
    const struct lcap_column **wanted;
    uint32_t *cells; /* the index of the cell of each in a row */
    size_t count;
};

/* From --columns, --drop, --packets, --payload and --merge. Release it even after errors. */
int column_choice_make(struct column_choice *columns, const struct lcap_flow_options *options,
                       const struct flows_args *args, struct lcap_error *error);

void column_choice_release(struct column_choice *columns);

#endif
