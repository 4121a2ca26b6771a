/* The N flows with most packets; of equal ones those that began first. Their rows are kept whole.
 */
#ifndef TABULATE_LARGEST_ROWS_H
#define TABULATE_LARGEST_ROWS_H

#include <labelcap/flow.h>

struct flows_largest;

/* `by_size`: where some had to go, the others are handed on from the largest on, as NexusFlowMeter
 * does; otherwise always in the order in which they were added. */
int flows_largest_new(struct flows_largest **largest, uint64_t count, bool by_size,
                      struct lcap_error *error);
/* Copies the row, where it is among the largest so far. */
int flows_largest_add(struct flows_largest *largest, const struct lcap_flow_row *row,
                      struct lcap_error *error);
/* Hands them to `sink`, and forgets them. */
int flows_largest_each(struct flows_largest *largest, lcap_flow_sink *sink, void *context,
                       struct lcap_error *error);
void flows_largest_free(struct flows_largest *largest);

#endif
