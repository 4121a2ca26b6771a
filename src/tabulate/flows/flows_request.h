/* What is asked of a run of `flows`, as on its command line. */
#ifndef TABULATE_FLOWS_FLOWS_REQUEST_H
#define TABULATE_FLOWS_FLOWS_REQUEST_H

#include "base/idmap.h"
#include "base/io/output_place.h"
#include "dataset/input_pass.h"
#include "dataset/shard/shard.h"
#include "dataset/sources.h"
#include <stdbool.h>
#include <stdint.h>

/* Indices into the choices of --tunnels. */
enum { TUNNELS_OUTER, TUNNELS_INNER };

/* More threads would only wait for each other. */
enum { FLOWS_MOST_THREADS = 256 };

/* Outputs of the caller, which the run must not overwrite. */
enum { FLOWS_OTHER_PLACES = 2 };

struct flows_request {
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
    const struct idmap *samples; /* only their flows; NULL: all */
    const char *report;
    const char *config;
    const char *tmpdir;
    int64_t idle_ns, active_ns; /* as in the profile unless given */
    bool idle_ns_given, active_ns_given;
    uint64_t packets, payload; /* of the sequences */
    uint64_t max_flows, max_flows_in_memory;
    uint64_t preview; /* rows shown on standard output */
    uint64_t memory;
    uint64_t rows_per_file;
    uint64_t threads; /* 0: the default; counts instead of those of `input` */
    int tunnels;
    bool compat, detail, unidirectional, bidirectional, join;
    bool per_input, per_sample, per_label, per_protocol, merge;
    bool append, xlsx_split;
    bool csv_safe, overwrite, no_sync;

    struct shard shard; /* count 0: the run is not divided */
    int buckets;        /* of the shard: BUCKETS_ */

    struct input_options input;
    struct output_place others[FLOWS_OTHER_PLACES];
    /* Told which inputs are read, before they are; or NULL. */
    void (*listed)(const struct sources *sources);
};

#endif
