/* A rules file from a table of flows: one rule for each row, which labels that flow. */
#ifndef DATASET_RULE_TABLES_TABLE_RULES_H
#define DATASET_RULE_TABLES_TABLE_RULES_H

#include "base/io/output.h"
#include "base/result.h"
#include "dataset/rule_tables/table_flows.h"

struct table_rules_options {
    struct table_flows_options table;
    bool directed; /* the source must send the first packet */
    struct output_options placing;
};

struct table_rules_result {
    struct table_flows flows;
    uint64_t rules, repeated, conflicts;
};

/*
 * Writes the rules file. A row without times labels its flows at any time. It is an
 * error if no row can be a rule. Release the result even after an error.
 */
int table_rules_write(const char *table, const char *output,
                      const struct table_rules_options *options, struct table_rules_result *done,
                      struct lcap_error *error);
void table_rules_describe(const struct table_rules_result *done, const char *table,
                          struct result *result);
void table_rules_release(struct table_rules_result *done);

#endif
