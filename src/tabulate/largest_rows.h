/* The N flows with the most packets; among equal ones, those that began first. Keeps their whole
 * rows. */
#ifndef TABULATE_LARGEST_ROWS_H
#define TABULATE_LARGEST_ROWS_H

#include <labelcap/flow.h>

struct largest_rows;

/* `by_size`: where some had to go, the others are passed on from the largest on, as
 * NexusFlowMeter does; otherwise always in the order in which they were added. */
int largest_rows_new(struct largest_rows **largest, uint64_t count, bool by_size,
                     struct lcap_error *error);
/* Copies the row if it is among the largest so far. */
int largest_rows_add(struct largest_rows *largest, const struct lcap_flow_row *row,
                     struct lcap_error *error);
/* Passes them to `sink`, and forgets them. */
int largest_rows_each(struct largest_rows *largest, lcap_flow_sink *sink, void *context,
                      struct lcap_error *error);
void largest_rows_free(struct largest_rows *largest);

#endif
