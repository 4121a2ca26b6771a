/*
 * Runs: what the commands of the same names do, for programs.
 *
 *     const char *inputs[] = {"captures/"};
 *     const struct lcap_run run = {.size = sizeof run, .inputs = inputs, .input_count = 1,
 *                                  .output = "labelled.pcapng"};
 *     const struct lcap_label_options options = {.size = sizeof options, .rules = "rules.csv"};
 *     struct lcap_result *result = NULL;
 *     int rc = lcap_label(&run, &options, &result, &error);
 *     ... lcap_result_json(result, &text, &len, &error) ...
 *     lcap_result_free(result);
 *
 * What all runs have in common is in struct lcap_run; fields that a run does not need are
 * ignored. Zero is the default of the command, unless a field says otherwise. The manual
 * pages say what an option does. `options` NULL: the defaults, where there are any.
 *
 * Damage of an input ends that input, not the run: everything before it counts, and
 * the result has the number of damaged inputs.
 *
 * Threads: different runs may be made at the same time. The watcher is called by the
 * thread of the caller. While a run waits for a pipe that is no capture, such as rules or
 * an output, the watcher of lcap_watch_waits() is asked.
 */
#ifndef LABELCAP_RUN_H
#define LABELCAP_RUN_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/flow.h>
#include <labelcap/progress.h>
#include <labelcap/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Everything is borrowed. */
struct lcap_run {
    size_t size; /* of this struct */
    /* Captures, directories with captures, "-" for standard input. */
    const char *const *inputs;
    size_t input_count;
    const char *output; /* a file, or a directory; "-": standard output */
    enum lcap_pcapml_times pcapml_times;
    bool nanoseconds; /* times that a file calls microseconds are these */
    bool overwrite;
    bool no_sync;       /* do not wait until outputs are on the disk */
    int level;          /* of compression */
    unsigned threads;   /* the caller's included; 0: only that one */
    uint64_t memory;    /* bytes for what does not stream, about; 0: 128 MiB */
    const char *tmpdir; /* for what does not fit into it */
    struct lcap_watcher watcher;
    const char *linktype; /* packets are read as of this link type, a name such as "RAW" or a
                             number; NULL: as the files say */
    bool strict;          /* of lcap_merge(): a warning about rules is an error: LCAP_ERR_RULES */
};

struct lcap_rules_options {
    size_t size;              /* of this struct */
    const char *name_pattern; /* of a directory: labels are what this regular expression finds in
                                 the names of captures; NULL: the names of their folders */
    /* Of a table: */
    const char *layout;      /* "zeek", "argus", "cicflowmeter", "unsw-nb15", "mawilab", or NULL */
    const char *columns;     /* "start=COLUMN,label=COLUMN,...", or NULL: those of the layout */
    const char *zone;        /* of times that have none, such as "-03:00"; NULL: UTC */
    const char *time_format; /* as strptime(3) takes it; NULL: the usual forms */
    int64_t time_unit_ns;    /* of times that are numbers; 0: seconds */
    int64_t tolerance_ns;    /* widens windows at both ends; 0: how coarse the times are;
                                negative: not at all */
    bool directed;           /* the source must send the first packet of a flow */
};

/*
 * Writes the rules file `output` from the only input: a directory with a folder of captures for
 * each label, or a table with one flow in each row.
 */
LCAP_API LCAP_MUST_USE int lcap_rules(const struct lcap_run *run,
                                      const struct lcap_rules_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

struct lcap_label_options {
    size_t size;          /* of this struct */
    const char *rules;    /* the path of the rules file */
    bool dry_run;         /* writes nothing */
    bool sort;            /* by sampleID, then time */
    bool keep_unmatched;  /* packets that no rule matches, without a label */
    bool relabel;         /* packets may already have labels */
    bool join;            /* flows go on from one input to the next */
    bool keep_source;     /* packets get a second comment, with the name of their input */
    bool split_linktypes; /* one file for each link type */
    bool order_by_time;   /* inputs are read in the order of their first packets */
    bool write_pcapml_times;
    uint32_t snaplen;       /* packets are cut to it once they are matched; 0: they are not */
    int64_t shift_rules_ns; /* the time windows of all rules are moved by this */
    uint32_t shard, shards; /* write only the part of shard 0, 1, … of so many; shards 0: all */
    bool strict;            /* a warning about the rules is an error: LCAP_ERR_RULES */
    bool count_packets;     /* of a shard: only count its packets, for rules with EACH:packet */
    const char *buckets; /* of a shard, for rules with SCOPE:flow or EACH:flow: "write" packets by
                            flow, or "read" them and decide about them; or NULL: label */
};

/*
 * Labels captures by rules into `output`. LCAP_ERR_RULES: the rules are invalid.
 * LCAP_ERR_LABEL: a packet already has a label; or packets were read and none got a label,
 * although the output is written.
 */
LCAP_API LCAP_MUST_USE int lcap_label(const struct lcap_run *run,
                                      const struct lcap_label_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

/*
 * Makes from the parts that all shards of a run have written, which are the inputs in any
 * order, what one process would have written; parts of lcap_check() make no output, but its
 * result. LCAP_ERR_FORMAT: the parts do not fit together, and nothing is written.
 * LCAP_ERR_LABEL: packets were read and none got a label; the output is written nevertheless.
 */
LCAP_API LCAP_MUST_USE int lcap_merge(const struct lcap_run *run, struct lcap_result **result,
                                      struct lcap_error *error);

struct lcap_sort_options {
    size_t size;            /* of this struct */
    bool by_time;           /* not by sampleID first */
    char unused[7];         /* padding in 0.3.0, so of any value */
    uint32_t shard, shards; /* write only the part of shard 0, 1, … of so many; shards 0: all */
};

/* Merges captures into one sorted file. */
LCAP_API LCAP_MUST_USE int lcap_sort(const struct lcap_run *run,
                                     const struct lcap_sort_options *options,
                                     struct lcap_result **result, struct lcap_error *error);

struct lcap_split_options {
    size_t size; /* of this struct */
    bool pcapng; /* files with all that the packets have; otherwise pcap */
    bool per_label;
};

/* Writes one file for each sample or label of one input into the directory `output`. */
LCAP_API LCAP_MUST_USE int lcap_split(const struct lcap_run *run,
                                      const struct lcap_split_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

struct lcap_strip_options {
    size_t size;        /* of this struct */
    uint32_t snaplen;   /* cut packets to it; 0: they are not cut */
    char unused[4];     /* padding in 0.5.0, so of any value */
    const char *format; /* "pcap" or "pcapng"; NULL: by the name of the output */
};

/* Removes the labels of one input. */
LCAP_API LCAP_MUST_USE int lcap_strip(const struct lcap_run *run,
                                      const struct lcap_strip_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

struct lcap_info_options {
    size_t size;  /* of this struct */
    bool samples; /* the result has a row for each sample */
};

/* Tells what captures hold: interfaces, packets, labels, samples. */
LCAP_API LCAP_MUST_USE int lcap_info(const struct lcap_run *run,
                                     const struct lcap_info_options *options,
                                     struct lcap_result **result, struct lcap_error *error);

struct lcap_index_run_options {
    size_t size;            /* of this struct */
    bool hash;              /* also stores the SHA-256 of the data set */
    char unused[7];         /* padding in 0.4.0, so of any value */
    uint32_t shard, shards; /* write only the part of shard 0, 1, … of so many; shards 0: all */
};

/*
 * Makes the catalogue of the only input: `output`, or DATASET.sqlite if that is NULL.
 * LCAP_ERR_LABEL: no packet is labelled; LCAP_ERR_DAMAGED: the data set is damaged. There is no
 * catalogue then.
 */
LCAP_API LCAP_MUST_USE int lcap_index(const struct lcap_run *run,
                                      const struct lcap_index_run_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

/* NULL and 0: the defaults of the command, unless a field says otherwise. */
struct lcap_flows_options {
    size_t size;                          /* of this struct */
    const struct lcap_flow_options *flow; /* NULL: the default profile; its `threads` are ignored */
    const char *columns;                  /* only these, in this order, separated by commas … */
    const char *drop;                     /* … or all except these */
    const char *protocols;                /* only flows of these: a list such as "tcp,dns" */
    uint64_t max_flows;                   /* only the largest flows of each input */
    const uint64_t *sample_ids;           /* only flows of these samples; NULL: all flows */
    size_t sample_id_count;
    const char *format;        /* such as "csv" or "parquet", not "xlsx", which only the program
                                  writes; NULL: by the name of the output */
    const char *number_format; /* of real numbers, such as ".4f" */
    const char *per;           /* `output` is a directory, with a table for each "input", "sample",
                                  "label" or "protocol" */
    const char *name;          /* the beginning of the names of these tables */
    uint64_t rows_per_file;    /* further rows go to FILE-2, FILE-3, … */
    const char *report;        /* the path of a summary for people, or of JSON by its name */
    bool classes;              /* the only input is a directory whose directories are classes */
    bool join;                 /* the inputs are one capture */
    bool source_file;          /* a column with the name of the input */
    bool append;               /* to a table of SQLite */
    bool csv_safe;             /* no text that a spreadsheet takes for a formula */
    bool xlsx_split;           /* another file when a sheet is full */
    uint32_t shard, shards; /* write only the part of shard 0, 1, … of so many; shards 0: all */
    const char *buckets;    /* of a shard: "write" packets by shard, or "read" them; or NULL */
    const char *config; /* the path of a configuration of NetFlowMeter, whose settings count where
                           there are none here: time-outs, if they are those of the profile */
};

/*
 * Writes the flows of captures and their features as a table. Rows for a program:
 * labelcap/flow_reader.h.
 */
LCAP_API LCAP_MUST_USE int lcap_flows(const struct lcap_run *run,
                                      const struct lcap_flows_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

/* At least one selection; several must all hold. */
struct lcap_select_options {
    size_t size;               /* of this struct */
    const char *ids;           /* samples in this list of sampleIDs */
    const char *label;         /* samples whose metadata matches, such as "web*" */
    const char *splits, *list; /* samples of the list SPLITS/LIST.csv, such as "train" */
    uint64_t min_packets;      /* samples of at least so many packets */
    uint64_t max_per_label;    /* at most so many samples of each label, chosen by hash */
    const char *time;          /* packets from A to B: "A..B", "A.." or "..B" */
    const char *filter;        /* packets that this packet filter matches */
    uint64_t dedup_ns;         /* without packets that repeat one of their sample within it */
    uint64_t first;            /* the first packets of each sample */
    uint32_t snaplen;          /* cut packets to it; 0: they are not cut */
};

/* Writes a part of a data set. LCAP_ERR_LABEL, and no output: nothing is selected. */
LCAP_API LCAP_MUST_USE int lcap_select(const struct lcap_run *run,
                                       const struct lcap_select_options *options,
                                       struct lcap_result **result, struct lcap_error *error);

struct lcap_check_options {
    size_t size;        /* of this struct */
    const char *rules;  /* sampleIDs and metadata must agree with these rules, or NULL */
    const char *splits; /* a folder of lists that must fit, or NULL */
    bool compare_splits, no_duplicates;
    const char *stratify;   /* REGEX: the part of the metadata that is the label, for leaks */
    const char *hold_out;   /* the list of the test, if not "test"; all others are learned from */
    uint32_t shard, shards; /* write only the part of shard 0, 1, … of so many; shards 0: all */
    const double *max_leak; /* percent: a larger leak of the lists is an error; NULL: no leak is */
    bool count_packets;     /* of a shard with rules: only count, and note the inputs of packets */
};

/*
 * Tells whether captures are a sound data set. Findings are part of the result, not errors.
 * The leaks of the lists are written to the table `output`, unless that is NULL. With `shards`,
 * the output names the part, and lcap_merge() gives the result.
 */
LCAP_API LCAP_MUST_USE int lcap_check(const struct lcap_run *run,
                                      const struct lcap_check_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

/* Compares two labellings of the same packets: the inputs are the truth and the test. The figures
 * of each label are written to the table `output`, unless that is NULL. */
LCAP_API LCAP_MUST_USE int lcap_compare(const struct lcap_run *run, struct lcap_result **result,
                                        struct lcap_error *error);

struct lcap_score_options {
    size_t size;        /* of this struct */
    bool allow_missing; /* samples that only one of the files has */
    const char *list;   /* only samples of this list, by the column `split` of the truth */
};

/*
 * Scores predicted labels: the inputs are the CSV files of the truth and of the predictions.
 * LCAP_ERR_FORMAT for lines of another form, LCAP_ERR_LABEL if the files do not fit together.
 */
LCAP_API LCAP_MUST_USE int lcap_score(const struct lcap_run *run,
                                      const struct lcap_score_options *options,
                                      struct lcap_result **result, struct lcap_error *error);

struct lcap_report_options {
    size_t size;        /* of this struct */
    const char *title;  /* of the page; NULL: the name of the first input */
    const char *rules;  /* sampleIDs and metadata must agree with these rules, or NULL */
    const char *splits; /* a folder of lists to show, or NULL */
    bool no_duplicates; /* are not looked for */
};

/* Shows a data set, regular files: as the web page `output`, unless that is NULL, and as result. */
LCAP_API LCAP_MUST_USE int lcap_report(const struct lcap_run *run,
                                       const struct lcap_report_options *options,
                                       struct lcap_result **result, struct lcap_error *error);

/* The texts are as for the options of the command; NULL where nothing is said. */
struct lcap_publish_options {
    size_t size; /* of this struct */
    const char *name, *description, *license, *creator, *url, *date;
    const char *version, *publisher, *doi, *citation;
    const char *metadata;       /* a JSON file with those that are NULL, or NULL */
    const char *splits;         /* a folder of lists, or NULL */
    const char *rules;          /* the rules file, if it is to go public */
    const char *allow, *remove; /* lists such as "mac,addresses" */
    bool no_payload;            /* cut packets behind their transport header */
    uint32_t snaplen;           /* cut packets to it; 0: they are not cut */
    bool flows;                 /* also a table of the flows, flows.parquet */
    bool report;                /* also a web page that shows the data, report.html */
};

/*
 * Makes the directory `output` of a data set that can go public.
 * If it has what `allow` does not name, the findings of the result say so, and nothing is
 * published.
 */
LCAP_API LCAP_MUST_USE int lcap_publish(const struct lcap_run *run,
                                        const struct lcap_publish_options *options,
                                        struct lcap_result **result, struct lcap_error *error);

/*
 * Checks a published directory, the only input, which somebody else may have changed. Nothing
 * outside it is read. Findings are part of the result, not errors.
 */
LCAP_API LCAP_MUST_USE int lcap_verify(const struct lcap_run *run, struct lcap_result **result,
                                       struct lcap_error *error);

#ifdef __cplusplus
}
#endif

#endif
