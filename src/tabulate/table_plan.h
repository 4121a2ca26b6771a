/* The plan of a run: its options, and what follows from them before anything is read. */
#ifndef TABULATE_TABLE_PLAN_H
#define TABULATE_TABLE_PLAN_H

#include "tabulate/input_groups.h"
#include "tabulate/tabulate.h"

struct table_plan {
    const struct tabulate_options *options;
    struct lcap_flow_options flow; /* with what the options leave open filled in */
    struct table_schema schema;
    struct input_groups groups;
    char *tmpdir;  /* of `flow` */
    uint64_t jobs; /* from 1 on */
    bool waits;    /* rows wait in pandas_rows.h: those of each group, or of all with source_file */
};

/* `options` must outlive the plan. Release the plan even after errors. */
int table_plan_init(struct table_plan *plan, const struct tabulate_options *options,
                    struct lcap_error *error);
void table_plan_release(struct table_plan *plan);

/* Whether the tables of the classes are numbered, as in pcap2json: NAME0.json, NAME1.json, … */
bool table_plan_numbers_classes(const struct table_plan *plan);

/* The options of the extractor for a group, with its metadata. */
struct lcap_flow_options table_plan_flow(const struct table_plan *plan,
                                         const struct input_group *group);

#endif
