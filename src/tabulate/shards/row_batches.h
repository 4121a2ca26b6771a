/* Rows of parts that several threads press, and one takes in their order. */
#ifndef TABULATE_SHARDS_ROW_BATCHES_H
#define TABULATE_SHARDS_ROW_BATCHES_H

#include "dataset/shard/item_file.h"
#include "features/row_copy.h"

/* Where the rows come from. */
struct row_batch_source {
    /* Sets *item to the next row and *strand to the number of its part: 1, 0 behind the last one.
     */
    int (*next)(void *context, struct item *item, uint32_t *strand, struct lcap_error *error);
    /* Reads a row; called by several threads at once. */
    int (*read)(const void *context, const struct item *item, uint32_t strand,
                struct lcap_cell cells[ROW_COPY_CELLS], struct lcap_flow_row *row,
                struct lcap_error *error);
    void *context;
};

/* Presses all rows of the source in so many threads, and lets `press` take them. */
int row_batches_run(const struct row_batch_source *source, const struct row_press *press,
                    unsigned threads, struct lcap_error *error);

#endif
