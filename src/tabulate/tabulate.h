/*
 * Makes tables from captures: the inputs form groups, the packets of a group form
 * flows, and the rows of the flows go to table files, to listeners, or to both. The
 * order is that of the inputs, and the rows are the same for any number of threads.
 *
 *     struct sources sources = {0};
 *     struct column_choice columns = {0};
 *     struct tabulate_options options = {
 *         .sources = &sources,
 *         .flow.size = sizeof options.flow,
 *         .columns = &columns,
 *         .output = "flows.csv",
 *     };
 *     struct tabulate_result result;
 *     lcap_flow_defaults(&options.flow, lcap_profile_find("labelcap"), false);
 *     int rc = sources_add(&sources, "captures/", &error);
 *     if (rc == 0)
 *         rc = column_choice_make(&columns, &(struct column_request){.flow = &options.flow},
 *                                 NULL, &error);
 *     if (rc == 0)
 *         rc = tabulate_run(&options, &result, &error);
 *     column_choice_release(&columns);
 *     sources_release(&sources);
 *
 * Threads: a run belongs to the thread of its caller. If `jobs` is above 1, listeners
 * to rows may be called by another thread, but never by two at once; all other
 * functions are called by the thread of the caller.
 */
#ifndef TABULATE_TABULATE_H
#define TABULATE_TABULATE_H

#include "base/idmap.h"
#include "base/io/output_place.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"
#include "features/unknown_types.h"
#include "flow/flow_share.h"
#include "table/table.h"
#include "tabulate/column_choice.h"
#include <labelcap/flow.h>

struct rows_part;
struct rows_merge;
struct share_packets;

/* What gets a table of its own. */
enum table_layout {
    LAYOUT_ONE, /* nothing: all rows go into one table */
    LAYOUT_INPUT,
    LAYOUT_SAMPLE,
    LAYOUT_CLASS, /* the metadata */
    LAYOUT_PROTOCOL,
};

/* Bits for the flows that are wanted. */
enum {
    PROTOCOL_TCP = 1,
    PROTOCOL_UDP = 2,
    PROTOCOL_ICMP = 4,
    PROTOCOL_ARP = 8,
    PROTOCOL_DNS = 16,
    PROTOCOL_ALL = 32,
};

/* Gets rows in the order of the table, even if no table is written. */
struct row_listener {
    lcap_flow_sink *take;
    void *context;
    uint64_t most;    /* at most so many rows of each group, from its beginning; 0 = all */
    bool counts_only; /* without cells and metadata */
};

/* Zero means no limit or not wanted, unless it says otherwise. Everything is borrowed. */
struct tabulate_options {
    const struct sources *sources;
    /* Its listener gets the outcome of each input, in their order, when all rows of the group are
     * written. */
    struct input_options inputs;
    /* `memory` and `tmpdir` also apply to waiting rows; without `tmpdir` they are beside the
     * output. Its threads are ignored: `jobs` decides. */
    struct lcap_flow_options flow;

    /* Groups: one per input. */
    bool join;           /* one group for all inputs */
    const char *classes; /* a directory: those in it are classes, and name the metadata */

    /* Rows. */
    unsigned protocols;                  /* bits; 0 = all */
    const struct idmap *samples;         /* only their flows; NULL: all */
    uint64_t max_flows;                  /* of each group, those with the most packets */
    const struct column_choice *columns; /* with source_file, rows in pandas_rows.h wait for those
                                            of all groups */
    const char *number_format; /* such as ".4f"; NULL: shortest exact digits, or as the original */
    const struct row_listener *listeners;
    size_t listener_count;

    /* Tables. */
    const char *output; /* "-": standard output; a directory unless LAYOUT_ONE; NULL: no table */
    const struct table_class *format; /* NULL: CSV */
    enum table_layout layout;
    const char *name;              /* the beginning of the names of tables; NULL: "flows" */
    uint64_t rows_per_file;        /* further rows go to FILE-2, FILE-3, … */
    bool csv_safe, for_terminal;   /* as in struct table_schema */
    bool overwrite, append, split; /* as in struct table_options */
    bool no_sync;
    const struct output_place *others; /* other outputs, which no table may overwrite */
    size_t other_count;

    uint64_t jobs; /* threads; 0 = 1 */

    /* Shards. */
    struct rows_part *part;        /* rows go there, and into no table; or NULL */
    struct flow_share share;       /* of the flows, for that part */
    struct share_packets *packets; /* its packets, in place of those of the inputs; or NULL */
    struct rows_merge *merged;     /* rows come from there, and not from sources; or NULL */
};

struct tabulate_result {
    struct lcap_flow_counts counts; /* of all groups; peak_flows is the highest of them */
    struct unknown_types unknown;   /* among the packets skipped */
    uint64_t rows;                  /* written */
    size_t files;                   /* table files */
    bool has_classes;               /* the options give metadata */
    struct input_counts inputs;
};

/*
 * Damage of an input, or that it is not a capture and may be skipped, is its outcome, as
 * in input_pass.h: it is counted, and the next input is read. Errors end the run;
 * *result then has what was counted before.
 */
int tabulate_run(const struct tabulate_options *options, struct tabulate_result *result,
                 struct lcap_error *error);

/* The schema of the tables. LCAP_ERR_ARGUMENT: the number format is wrong. */
int tabulate_schema(const struct tabulate_options *options, struct table_schema *schema,
                    struct lcap_error *error);

/* Whether each row is one JSON value, as in pcap2json, so that there are no columns to choose. */
bool tabulate_rows_are_json(const struct lcap_flow_options *flow);

#endif
