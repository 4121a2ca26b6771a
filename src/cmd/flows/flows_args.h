/* The arguments of `flows`. */
#ifndef CMD_FLOWS_FLOWS_ARGS_H
#define CMD_FLOWS_FLOWS_ARGS_H

#include "cmd/shared_options.h"
#include <stdbool.h>
#include <stdint.h>

/* Indices into the choices of --tunnels. */
enum { TUNNELS_OUTER, TUNNELS_INNER };

struct flows_args {
    const char *profile;
    const char *output; /* NULL: standard output */
    int format;         /* of table_formats; by the name of the output unless given */
    bool format_given;
    const char *columns, *drop;
    bool drop_of_config; /* `drop` is that of the configuration file */
    const char *number_format;
    const char *label;
    const char *classes; /* directory whose subdirectories are classes */
    const char *name;    /* with which the names of the files of a layout begin */
    const char *protocols;
    const char *report;
    const char *config;
    const char *stats_json;
    const char *log_file;
    const char *tmpdir;
    const char *describe;
    int64_t idle_ns, active_ns; /* as in the profile unless given */
    bool idle_ns_given, active_ns_given;
    uint64_t packets, payload; /* of the sequences */
    uint64_t max_flows, max_flows_in_memory;
    uint64_t preview;
    uint64_t memory;
    uint64_t rows_per_file;
    int tunnels;
    struct reading_args reading;
    bool compat, detail, unidirectional, bidirectional, join;
    bool per_input, per_sample, per_label, per_protocol, merge;
    bool append, xlsx_split, list_profiles;
    bool csv_safe, force, no_sync, quiet, verbose;
};

#endif
