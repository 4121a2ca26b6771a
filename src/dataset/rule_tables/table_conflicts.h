/* Rows of a table that contradict or repeat each other. */
#ifndef DATASET_RULE_TABLES_TABLE_CONFLICTS_H
#define DATASET_RULE_TABLES_TABLE_CONFLICTS_H

#include "dataset/rule_tables/table_flows.h"

/*
 * Warns of rows of one 5-tuple whose windows overlap under different labels, sets
 * *conflicts to their number, and marks rows that an earlier one says already.
 * `directed`: the same ends the other way round are another 5-tuple.
 */
int table_conflicts_find(struct table_flows *flows, bool directed, uint64_t *conflicts,
                         struct lcap_error *error);

#endif
