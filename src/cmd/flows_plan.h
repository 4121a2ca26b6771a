/* The plan of a run of `flows`: the checked command line and configuration file. */
#ifndef CMD_FLOWS_PLAN_H
#define CMD_FLOWS_PLAN_H

#include "cmd/flows_args.h"
#include "cmd/flows_config.h"
#include "dataset/sources.h"
#include "table/table.h"
#include "tabulate/column_choice.h"
#include <labelcap/flow.h>

enum flows_layout {
    LAYOUT_ONE, /* all rows in one table */
    LAYOUT_INPUT,
    LAYOUT_SAMPLE,
    LAYOUT_LABEL,
    LAYOUT_PROTOCOL,
};

/* Bits of --protocols. */
enum {
    PROTOCOL_TCP = 1,
    PROTOCOL_UDP = 2,
    PROTOCOL_ICMP = 4,
    PROTOCOL_ARP = 8,
    PROTOCOL_DNS = 16,
    PROTOCOL_ALL = 32,
};

/* Packets that belong together: one input, or all of them with --join. */
struct input_group {
    size_t first, count; /* of the sources */
    const char *name;    /* of its input, for --merge and --per-input; unique among groups */
    const char *label;   /* its class, or the value of --label, or NULL */
    size_t class_number; /* of the class, in the order of the names */
};

struct flows_plan {
    struct flows_args args; /* including those of the configuration file */
    struct flows_config config;
    struct lcap_flow_options options;
    struct column_choice columns;
    struct table_schema schema;  /* of the output */
    struct table_schema preview; /* of the preview */
    enum flows_layout layout;
    unsigned protocols;
    struct sources sources;
    struct input_group *groups;
    size_t group_count;
    char **classes; /* names, sorted */
    size_t class_count, class_capacity;
    struct buffer report; /* where it goes, NUL-terminated */
    char *tmpdir;
    bool writes; /* there is an output besides the preview */
    bool pandas; /* rows wait in pandas_rows: those of each group, or of all with --merge */
};

/* COMMAND_USAGE: the options conflict. Release the plan even after errors. */
int flows_plan_init(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error);
void flows_plan_release(struct flows_plan *plan);

/* Whether the tables of the classes are numbered, as in pcap2json: NAME0.json, NAME1.json, … */
static inline bool flows_plan_numbers_classes(const struct flows_plan *plan)
{
    return plan->args.compat && plan->layout == LAYOUT_LABEL && plan->class_count > 0;
}

/* The only input, for people; NULL if there are several. */
const char *flows_plan_only_source(const struct flows_plan *plan);

/*
 * LCAP_ERR_ARGUMENT if `path`, to which a table will be written, is another output
 * or an input.
 */
int flows_plan_check_table(const struct flows_plan *plan, const char *path,
                           struct lcap_error *error);

/* The options of the extractor for a group, with its label. */
struct lcap_flow_options flows_plan_options(const struct flows_plan *plan,
                                            const struct input_group *stream);

#endif
