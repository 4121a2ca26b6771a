/* What a run of `flows` is to do: the command line and the configuration file, checked. */
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
    const char *name;    /* of its input, for --merge and --per-input: no other group has it */
    const char *label;   /* its class, or what --label says, or NULL */
    size_t class_number; /* of the class, in the order of the names */
};

struct flows_plan {
    struct flows_args args; /* with what the configuration file says */
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
    struct buffer report; /* where it goes, with a NUL */
    char *tmpdir;
    bool writes; /* there is an output besides the preview */
    bool pandas; /* rows wait in a pandas_rows.h: of each group, or of all with --merge */
};

/* COMMAND_USAGE: the options make no sense together. Released also after errors. */
int flows_plan_init(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error);
void flows_plan_release(struct flows_plan *plan);

/* Whether the tables of the classes go by numbers, as pcap2json's do: NAME0.json, NAME1.json, … */
static inline bool flows_plan_numbers_classes(const struct flows_plan *plan)
{
    return plan->args.compat && plan->layout == LAYOUT_LABEL && plan->class_count > 0;
}

/* The one input that there is, for people; NULL where there are several. */
const char *flows_plan_only_source(const struct flows_plan *plan);

/*
 * LCAP_ERR_ARGUMENT where `path`, to which a table is about to be written, is
 * where another output goes or an input lies.
 */
int flows_plan_check_table(const struct flows_plan *plan, const char *path,
                           struct lcap_error *error);

/* The options of the extractor for a stream: with its label. */
struct lcap_flow_options flows_plan_options(const struct flows_plan *plan,
                                            const struct input_group *stream);

#endif
