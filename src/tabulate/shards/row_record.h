/*
 * A row as bytes that another process can read, on any machine: exact, with everything
 * that it points to. All numbers are little-endian.
 */
#ifndef TABULATE_SHARDS_ROW_RECORD_H
#define TABULATE_SHARDS_ROW_RECORD_H

#include "base/buffer.h"
#include "features/row_copy.h"

int row_record_append(const struct lcap_flow_row *row, struct buffer *out,
                      struct lcap_error *error);

/* Reads only row->order, from the beginning of the bytes. */
bool row_record_order(const uint8_t *bytes, size_t len, uint64_t order[3]);

/* Reads the whole of `bytes`, into which the row then points. False: they are no row. */
bool row_record_read(const uint8_t *bytes, size_t len, struct lcap_cell cells[ROW_COPY_CELLS],
                     struct lcap_flow_row *row);

#endif
