/* One run of `label`: its options, the pass, and the place of the report. */
#ifndef CMD_LABEL_LABEL_RUN_H
#define CMD_LABEL_LABEL_RUN_H

#include "base/io/output.h"
#include "cmd/shared_options.h"
#include "dataset/labelling/label_pass.h"

struct label_args {
    const char *rules;
    const char *output;
    const char *device;
    const char *stats_json;
    struct shard shard;
    const char *user;
    struct sorter_options sorter;
    uint64_t snaplen; /* 0: packets are not cut */
    uint64_t buffer_size, count, rotate_size;
    int64_t shift_rules; /* nanoseconds */
    double duration, rotate_seconds;
    struct reading_args reading;
    int order;   /* index into order_choices */
    int buckets; /* BUCKETS_ */
    bool sort, stats, dry_run, keep_unmatched, split_linktypes, strict, relabel;
    bool join, keep_source, count_packets;
    bool write_pcapml_times, no_promiscuous;
    struct output_options placing;
};

struct label_run {
    const struct label_args *args;
    struct sources sources;
    struct label_pass *pass;
    const struct label_pass_result *result; /* of the pass */
};

#endif
