/* A row as one string of bytes, with everything that it points to and the part of the output to
 * which it belongs, for rows that wait. */
#ifndef FEATURES_ROW_COPY_H
#define FEATURES_ROW_COPY_H

#include "base/buffer.h"
#include "features/profile.h"
#include <labelcap/flow.h>

/* Those of a profile, and one for the name of the input. */
enum { ROW_COPY_CELLS = ROW_MAX_CELLS + 1 };

/* Appends the row to `out`. */
int row_copy_pack(const struct lcap_flow_row *row, const char *part, struct buffer *out,
                  struct lcap_error *error);

/* Unpacks a row, with its cells in `cells` and its text in `bytes`. Returns its part. */
const char *row_copy_unpack(const uint8_t *bytes, struct lcap_cell cells[ROW_COPY_CELLS],
                            struct lcap_flow_row *row);

#endif
